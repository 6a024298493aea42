// SPDX-License-Identifier: Apache-2.0
// Paths as the schemas of versions 2, 3, 4, 6 and 8 have them.
#include "server/formats/internal/camt_tree.h"

namespace kontor::formats::internal {
namespace {

const std::string kMessagePath = "BkToCstmrStmt|BkToCstmrAcctRpt|BkToCstmrDbtCdtNtfctn";
const std::string kStatementPath = kMessagePath + "/Stmt|Rpt|Ntfctn";
const std::string kEntryPath = kStatementPath + "/Ntry";
const std::string kDetailPath = kEntryPath + "/NtryDtls/TxDtls";

void AddCode(XmlTree& tree, const std::string& path, XmlId group) {
  tree.Group(path, group);
  tree.Text(path + "/Domn/Cd", kCamtDomain);
  tree.Text(path + "/Domn/Fmly/Cd", kCamtFamily);
  tree.Text(path + "/Domn/Fmly/SubFmlyCd", kCamtSubFamily);
  tree.Text(path + "/Prtry/Cd", kCamtProprietaryCode);
  tree.Text(path + "/Prtry/Issr", kCamtProprietaryIssuer);
}

void AddAmounts(XmlTree& tree, const std::string& path, XmlId group) {
  tree.Group(path, group);
  tree.Text(path + "/InstdAmt/Amt", kCamtInstructed);
  tree.Text(path + "/TxAmt/Amt", kCamtTransaction);
  tree.Text(path + "/CntrValAmt/Amt", kCamtCounterValue);
  for (const char* const amount : {"/InstdAmt", "/TxAmt", "/CntrValAmt"}) {
    const std::string at = path + amount + "/CcyXchg";
    tree.Group(at, kCamtExchange);
    tree.Text(at + "/SrcCcy", kCamtSourceCurrency);
    tree.Text(at + "/TrgtCcy", kCamtTargetCurrency);
    tree.Text(at + "/UnitCcy", kCamtUnitCurrency);
    tree.Text(at + "/XchgRate", kCamtRate);
    tree.Text(at + "/CtrctId", kCamtContract);
    tree.Text(at + "/QtnDt", kCamtQuotedAt);
  }
}

/// Version 2 repeats Chrgs, version 4 and later repeat Chrgs/Rcrd.
void AddCharges(XmlTree& tree, const std::string& path, XmlId group) {
  for (const std::string& at : {path + "/Chrgs", path + "/Chrgs/Rcrd"}) {
    tree.Group(at, group);
    tree.Text(at + "/Amt", kCamtChargeAmount);
    tree.Text(at + "/CdtDbtInd", kCamtChargeDirection);
    tree.Text(at + "/Tp/Cd", kCamtChargeType);
    tree.Text(at + "/Tp/Prtry/Id", kCamtChargeType);
    tree.Text(at + "/Br", kCamtChargeBearer);
    tree.Text(at + "/ChrgInclInd", kCamtChargeIncluded);
  }
}

void AddBalances(XmlTree& tree) {
  const std::string at = kStatementPath + "/Bal";
  tree.Group(at, kCamtBalance);
  tree.Text(at + "/Tp/CdOrPrtry/Cd|Prtry", kCamtBalanceCode);
  tree.Text(at + "/Tp/SubTp/Cd|Prtry", kCamtBalanceSubCode);
  tree.Text(at + "/Amt", kCamtBalanceAmount);
  tree.Text(at + "/CdtDbtInd", kCamtBalanceDirection);
  tree.Text(at + "/Dt/Dt|DtTm", kCamtBalanceTime);
}

void AddTotals(XmlTree& tree) {
  const std::string at = kStatementPath + "/TxsSummry";
  tree.Group(at, kCamtTotals);
  tree.Text(at + "/TtlNtries/NbOfNtries", kCamtTotalCount);
  tree.Text(at + "/TtlNtries/TtlNetNtryAmt", kCamtTotalNet);
  tree.Text(at + "/TtlNtries/CdtDbtInd", kCamtTotalDirection);
  tree.Text(at + "/TtlNtries/TtlNetNtry/Amt", kCamtTotalNet);
  tree.Text(at + "/TtlNtries/TtlNetNtry/CdtDbtInd", kCamtTotalDirection);
  tree.Text(at + "/TtlCdtNtries/NbOfNtries", kCamtCreditCount);
  tree.Text(at + "/TtlCdtNtries/Sum", kCamtCreditSum);
  tree.Text(at + "/TtlDbtNtries/NbOfNtries", kCamtDebitCount);
  tree.Text(at + "/TtlDbtNtries/Sum", kCamtDebitSum);
}

void AddStatement(XmlTree& tree) {
  tree.Group(kMessagePath, kCamtMessage);
  tree.Text(kMessagePath + "/GrpHdr/MsgId", kCamtMessageId);
  tree.Text(kMessagePath + "/GrpHdr/MsgPgntn/PgNb", kCamtGroupPage);
  tree.Text(kMessagePath + "/GrpHdr/MsgPgntn/LastPgInd", kCamtGroupLastPage);
  const std::string& at = kStatementPath;
  tree.Group(at, kCamtStatement);
  tree.Text(at + "/Id", kCamtStatementId);
  tree.Text(at + "/ElctrncSeqNb", kCamtElectronicNumber);
  tree.Text(at + "/LglSeqNb", kCamtLegalNumber);
  tree.Text(at + "/CreDtTm", kCamtCreatedAt);
  tree.Text(at + "/StmtPgntn|RptPgntn|NtfctnPgntn/PgNb", kCamtPage);
  tree.Text(at + "/StmtPgntn|RptPgntn|NtfctnPgntn/LastPgInd", kCamtLastPage);
  tree.Text(at + "/FrToDt/FrDtTm", kCamtFrom);
  tree.Text(at + "/FrToDt/ToDtTm", kCamtTo);
  tree.Text(at + "/CpyDplctInd", kCamtCopyCode);
  tree.Group(at + "/Acct", kCamtAccount);
  AddAccount(tree, at + "/Acct");
  tree.Group(at + "/Acct/Ownr", kCamtAccountOwner);
  AddParty(tree, at + "/Acct/Ownr");
  tree.Group(at + "/Acct/Svcr", kCamtAccountServicer);
  AddAgent(tree, at + "/Acct/Svcr");
  tree.Text(at + "/AddtlStmtInf|AddtlRptInf|AddtlNtfctnInf", kCamtStatementNote);
}

void AddEntry(XmlTree& tree) {
  const std::string& at = kEntryPath;
  tree.Group(at, kCamtEntry);
  tree.Text(at + "/NtryRef", kCamtEntryReference);
  tree.Text(at + "/Amt", kCamtEntryAmount);
  tree.Text(at + "/CdtDbtInd", kCamtEntryDirection);
  tree.Text(at + "/RvslInd", kCamtEntryReversal);
  tree.Text(at + "/Sts", kCamtEntryStatus);
  tree.Text(at + "/Sts/Cd|Prtry", kCamtEntryStatus);
  tree.Text(at + "/BookgDt/Dt|DtTm", kCamtBookingDay);
  tree.Text(at + "/ValDt/Dt|DtTm", kCamtValueDay);
  tree.Text(at + "/AcctSvcrRef", kCamtEntryServicerRef);
  tree.Text(at + "/AddtlNtryInf", kCamtEntryNote);
  AddCode(tree, at + "/BkTxCd", kCamtEntryCode);
  AddAmounts(tree, at + "/AmtDtls", kCamtEntryAmounts);
  AddCharges(tree, at, kCamtEntryCharge);
  const std::string batch = at + "/NtryDtls/Btch";
  tree.Group(batch, kCamtBatch);
  tree.Text(batch + "/MsgId", kCamtBatchMessageId);
  tree.Text(batch + "/PmtInfId", kCamtBatchPaymentInformation);
  tree.Text(batch + "/NbOfTxs", kCamtBatchCount);
  tree.Text(batch + "/TtlAmt", kCamtBatchAmount);
  tree.Text(batch + "/CdtDbtInd", kCamtBatchDirection);
}

void AddReferences(XmlTree& tree) {
  const std::string at = kDetailPath + "/Refs";
  tree.Text(at + "/MsgId", kCamtRefMessage);
  tree.Text(at + "/PmtInfId", kCamtRefPaymentInformation);
  tree.Text(at + "/InstrId", kCamtRefInstruction);
  tree.Text(at + "/EndToEndId", kCamtRefEndToEnd);
  tree.Text(at + "/UETR", kCamtRefUetr);
  tree.Text(at + "/TxId", kCamtRefTransaction);
  tree.Text(at + "/AcctSvcrRef", kCamtRefServicer);
  tree.Text(at + "/AcctOwnrTxId", kCamtRefOwner);
  tree.Text(at + "/MndtId", kCamtRefMandate);
  tree.Text(at + "/ChqNb", kCamtRefCheque);
  tree.Text(at + "/ClrSysRef", kCamtRefClearing);
  tree.Text(at + "/PrcgId", kCamtRefProcessing);
  tree.Group(at + "/Prtry", kCamtProprietaryRef);
  tree.Text(at + "/Prtry/Tp", kCamtRefProprietaryType);
  tree.Text(at + "/Prtry/Ref", kCamtRefProprietary);
}

void AddParties(XmlTree& tree) {
  const std::string parties = kDetailPath + "/RltdPties";
  const struct {
    const char* name;
    XmlId id;
  } kParties[] = {{"/Dbtr", kCamtDebtor},
                  {"/Cdtr", kCamtCreditor},
                  {"/UltmtDbtr", kCamtUltimateDebtor},
                  {"/UltmtCdtr", kCamtUltimateCreditor}};
  for (const auto& [name, id] : kParties) {
    tree.Group(parties + name, id);
    AddParty(tree, parties + name);
  }
  tree.Group(parties + "/DbtrAcct", kCamtDebtorAccount);
  AddAccount(tree, parties + "/DbtrAcct");
  tree.Group(parties + "/CdtrAcct", kCamtCreditorAccount);
  AddAccount(tree, parties + "/CdtrAcct");
  const std::string agents = kDetailPath + "/RltdAgts";
  tree.Group(agents + "/DbtrAgt", kCamtDebtorAgent);
  AddAgent(tree, agents + "/DbtrAgt");
  tree.Group(agents + "/CdtrAgt", kCamtCreditorAgent);
  AddAgent(tree, agents + "/CdtrAgt");
}

void AddDetail(XmlTree& tree) {
  const std::string& at = kDetailPath;
  tree.Group(at, kCamtDetail);
  AddReferences(tree);
  tree.Text(at + "/Amt", kCamtDetailAmount);
  tree.Text(at + "/CdtDbtInd", kCamtDetailDirection);
  AddAmounts(tree, at + "/AmtDtls", kCamtDetailAmounts);
  AddCode(tree, at + "/BkTxCd", kCamtDetailCode);
  AddCharges(tree, at, kCamtDetailCharge);
  AddParties(tree);
  tree.Text(at + "/Purp/Cd|Prtry", kCamtPurpose);
  tree.Group(at + "/RmtInf", kCamtRemittance);
  AddRemittance(tree, at + "/RmtInf");
  tree.Text(at + "/RltdDts/AccptncDtTm", kCamtAcceptedAt);
  tree.Text(at + "/RltdDts/IntrBkSttlmDt", kCamtInterbankDay);
  tree.Group(at + "/RtrInf", kCamtReturn);
  AddCode(tree, at + "/RtrInf/OrgnlBkTxCd", kCamtOriginalCode);
  tree.Text(at + "/RtrInf/Rsn/Cd|Prtry", kCamtReturnReason);
  tree.Text(at + "/RtrInf/AddtlInf", kCamtReturnNote);
  tree.Text(at + "/AddtlTxInf", kCamtDetailNote);
}

}  // namespace

const XmlTree& CamtTree() {
  static const auto* const kTree = [] {
    auto* const tree = new XmlTree();
    AddStatement(*tree);
    AddBalances(*tree);
    AddTotals(*tree);
    AddEntry(*tree);
    AddDetail(*tree);
    return tree;
  }();
  return *kTree;
}

}  // namespace kontor::formats::internal
