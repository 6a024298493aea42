// SPDX-License-Identifier: Apache-2.0
#include "server/engine/payment_orders/payment_orders.h"

#include "server/engine/payment_orders/internal/screen.h"
#include "server/engine/payment_orders/internal/worker.h"

namespace kontor::payment_orders {
namespace {

class PaymentOrdersImpl final : public PaymentOrders {
 public:
  PaymentOrdersImpl(Dependencies dependencies, Settings settings, bool threads)
      : loop_(std::move(dependencies), std::move(settings)), worker_(loop_), threads_(threads) {}

  absl::Status Start() override {
    if (threads_) worker_.Start();
    return absl::OkStatus();
  }
  void Stop(absl::Time /*deadline*/) override { worker_.Stop(); }
  bool RunUntilIdle() override { return worker_.RunUntilIdle(); }

  absl::StatusOr<View> Create(const ports::Actor& actor, const CreateRequest& request) override {
    return CreateOrder(loop_, actor, request);
  }

  absl::StatusOr<View> Get(const ports::Actor& actor, const std::string& id,
                           bool with_payments) override {
    View out;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(const Flow flow, FindFor(view, actor, id));
      out = ViewFor(flow, with_payments);
      return absl::OkStatus();
    }));
    return out;
  }

  absl::StatusOr<ports::Listed<View>> List(const ports::Actor& actor, const ListFilter& filter,
                                           const ports::Page& page) override {
    ports::FlowFilter flows;
    flows.kind = kOrderKind;
    flows.entity = filter.entity;
    flows.group = filter.account;
    flows.states = filter.states;
    return ListOf(actor, flows, page, [](ports::FlowRow row) -> absl::StatusOr<View> {
      KONTOR_ASSIGN_OR_RETURN(const Flow flow, FlowOf(std::move(row)));
      return ViewFor(flow, false);
    });
  }

  absl::StatusOr<View> Refresh(const ports::Actor& actor, const std::string& id) override {
    const auto refresh = [this](ports::Unit&,
                                Flow& flow) -> absl::StatusOr<std::optional<Changed>> {
      if (!IsBeforeRelease(flow.state()) || !flow.body.hold_reasons.empty()) {
        return Error(Reason::kStateConflict)
            .With("state", flow.row.state)
            .Says(StrCat("the order is ", flow.row.state, " and is not read again"));
      }
      flow.body.refresh_wanted = true;
      flow.row.due = loop_.Now();
      return std::optional(Changed{flow.state(), {}});
    };
    return ChangeOrder(loop_, actor, id, ports::Role::kPaymentPreparer, "refresh", "", refresh);
  }

  absl::StatusOr<View> Approve(const ports::Actor& actor, const std::string& id,
                               const std::string& digest) override {
    return payment_orders::Approve(loop_, actor, id, digest);
  }
  absl::StatusOr<View> RevokeApproval(const ports::Actor& actor, const std::string& id,
                                      const std::string& reason) override {
    return payment_orders::RevokeApproval(loop_, actor, id, reason);
  }
  absl::StatusOr<View> Release(const ports::Actor& actor, const std::string& id,
                               const std::string& digest) override {
    return ReleaseOrder(loop_, actor, id, digest);
  }
  absl::StatusOr<View> Cancel(const ports::Actor& actor, const std::string& id,
                              const std::string& reason,
                              const std::vector<int64_t>& numbers) override {
    return CancelOrder(loop_, actor, id, reason, numbers);
  }
  absl::StatusOr<View> Hold(const ports::Actor& actor, const std::string& id,
                            const std::string& reason) override {
    return HoldOrder(loop_, actor, id, reason);
  }
  absl::StatusOr<View> Unhold(const ports::Actor& actor, const std::string& id,
                              const std::string& reason) override {
    return UnholdOrder(loop_, actor, id, reason);
  }
  absl::StatusOr<View> ResolveSubmission(const ports::Actor& actor, const std::string& id,
                                         bool sent, const std::string& reason) override {
    return payment_orders::ResolveSubmission(loop_, actor, id, sent, reason);
  }
  absl::StatusOr<Trail> Trace(const ports::Actor& actor, const std::string& any_id) override {
    return TraceAny(loop_, actor, any_id);
  }
  absl::StatusOr<Evidence> GetEvidence(const ports::Actor& actor,
                                       const std::string& any_id) override {
    return GatherEvidence(loop_, actor, any_id);
  }
  absl::StatusOr<RouteExplanation> ExplainRoute(const ports::Actor& actor,
                                                const model::RouteQuestion& question) override {
    if (!actor.MaySee(question.entity)) {
      return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
    }
    return Explain(loop_, question);
  }

  absl::StatusOr<View> GetHit(const ports::Actor& actor, const std::string& id) override {
    return payment_orders::GetHit(loop_, actor, id);
  }
  absl::StatusOr<ports::Listed<View>> ListHits(const ports::Actor& actor,
                                               const std::string& entity,
                                               const std::string& state,
                                               const ports::Page& page) override {
    ports::FlowFilter flows;
    flows.kind = kHitKind;
    flows.entity = entity;
    if (!state.empty()) flows.states = {state};
    return ListOf(actor, flows, page, [](const ports::FlowRow& row) -> absl::StatusOr<View> {
      return View{row.id, row.entity, ViewOfHit(row)};
    });
  }
  absl::StatusOr<View> DecideHit(const ports::Actor& actor, const std::string& id,
                                 HitDecision decision, const std::string& reason) override {
    return payment_orders::DecideHit(loop_, actor, id, decision, reason);
  }
  absl::StatusOr<std::vector<ports::ScreeningHit>> CheckName(const std::string& name) override {
    return payment_orders::CheckName(loop_, name);
  }

  absl::StatusOr<View> GetBeneficiary(const ports::Actor& actor, const std::string& id) override {
    View out;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      KONTOR_ASSIGN_OR_RETURN(auto row, view.FindFlow(id));
      if (!row || row->kind != kBeneficiaryKind || !actor.MaySee(row->entity)) {
        return Error(Reason::kNotFound).Field("id").Says("there is no such creditor's account");
      }
      KONTOR_ASSIGN_OR_RETURN(const Beneficiary found, BeneficiaryOf(*std::move(row)));
      out = {found.row.id, found.row.entity, ViewOf(found)};
      return absl::OkStatus();
    }));
    return out;
  }
  absl::StatusOr<ports::Listed<View>> ListBeneficiaries(const ports::Actor& actor,
                                                        const std::string& entity,
                                                        const std::string& state,
                                                        const ports::Page& page) override {
    ports::FlowFilter flows;
    flows.kind = kBeneficiaryKind;
    flows.entity = entity;
    if (!state.empty()) flows.states = {state};
    return ListOf(actor, flows, page, [](ports::FlowRow row) -> absl::StatusOr<View> {
      KONTOR_ASSIGN_OR_RETURN(const Beneficiary found, BeneficiaryOf(std::move(row)));
      return View{found.row.id, found.row.entity, ViewOf(found)};
    });
  }
  absl::StatusOr<View> ConfirmBeneficiary(const ports::Actor& actor, const std::string& id,
                                          const std::string& digest,
                                          const std::string& reason) override {
    return payment_orders::ConfirmBeneficiary(loop_, actor, id, digest, reason);
  }
  absl::StatusOr<View> BlockBeneficiary(const ports::Actor& actor, const std::string& id,
                                        const std::string& reason) override {
    return payment_orders::BlockBeneficiary(loop_, actor, id, reason);
  }

  absl::StatusOr<std::optional<ports::BookingMatch>> OnBooking(
      const ports::Booking& booking) override {
    return TakeBooking(loop_, booking);
  }
  absl::Status OnBookingRevoked(const ports::Booking& booking) override {
    return RevokeBooking(loop_, booking);
  }
  absl::Status OnStatusFile(const std::string& blob_id, std::string_view channel,
                            ports::ByteSource& source) override {
    return TakeStatusFile(loop_, blob_id, channel, source);
  }

 private:
  /// Pages may be shorter than asked for: what the actor may not see is left out.
  absl::StatusOr<ports::Listed<View>> ListOf(
      const ports::Actor& actor, const ports::FlowFilter& filter, const ports::Page& page,
      const std::function<absl::StatusOr<View>(ports::FlowRow row)>& view_of) {
    if (!filter.entity.empty() && !actor.MaySee(filter.entity)) {
      return Error(Reason::kEntityDenied).Field("entity").Says("not one of yours");
    }
    ports::Listed<View> out;
    KONTOR_RETURN_IF_ERROR(loop_.deps.store.Read([&](ports::ReadView& view) -> absl::Status {
      out = {};
      KONTOR_ASSIGN_OR_RETURN(auto listed, view.ListFlows(filter, page));
      for (ports::FlowRow& row : listed.rows) {
        if (!actor.MaySee(row.entity)) continue;
        KONTOR_ASSIGN_OR_RETURN(View made, view_of(std::move(row)));
        out.rows.push_back(std::move(made));
      }
      out.next = listed.next;
      return absl::OkStatus();
    }));
    return out;
  }

  Loop loop_;
  Worker worker_;
  const bool threads_;
};

}  // namespace

std::unique_ptr<PaymentOrders> MakePaymentOrders(Dependencies dependencies, Settings settings,
                                                 bool threads) {
  return std::make_unique<PaymentOrdersImpl>(std::move(dependencies), std::move(settings), threads);
}

}  // namespace kontor::payment_orders
