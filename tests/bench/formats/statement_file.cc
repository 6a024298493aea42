// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/formats/statement_file.h"

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace kontor::bench {
namespace {

constexpr const char* kHead = R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <BkToCstmrStmt>
    <GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-03-03T01:02:03</CreDtTm></GrpHdr>
    <Stmt>
      <Id>BENCH-1</Id>
      <ElctrncSeqNb>1</ElctrncSeqNb>
      <CreDtTm>2026-03-03T01:02:03</CreDtTm>
      <Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
      <Bal>
        <Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>
        <Amt Ccy="EUR">1000.00</Amt>
        <CdtDbtInd>CRDT</CdtDbtInd>
        <Dt><Dt>2026-03-02</Dt></Dt>
      </Bal>
)";

constexpr const char* kEntry = R"(      <Ntry>
        <NtryRef>%lld</NtryRef>
        <Amt Ccy="EUR">%lld.%02lld</Amt>
        <CdtDbtInd>%s</CdtDbtInd>
        <Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>2026-03-02</Dt></BookgDt>
        <ValDt><Dt>2026-03-02</Dt></ValDt>
        <AcctSvcrRef>2026030200000%09lld</AcctSvcrRef>
        <BkTxCd>
          <Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>
          <Prtry><Cd>NTRF+116+00931</Cd><Issr>DK</Issr></Prtry>
        </BkTxCd>
        <NtryDtls>
          <TxDtls>
            <Refs>
              <MsgId>KONTOR-2026-000017</MsgId>
              <PmtInfId>KONTOR-2026-000017-01</PmtInfId>
              <EndToEndId>KONTOR-E2E-%012lld</EndToEndId>
            </Refs>
            <Amt Ccy="EUR">%lld.%02lld</Amt>
            <CdtDbtInd>%s</CdtDbtInd>
            <RltdPties>
              <Dbtr><Pty><Nm>Kontor Handelsgesellschaft mbH</Nm></Pty></Dbtr>
              <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>
              <Cdtr><Pty><Nm>Lieferant Nummer %lld GmbH &amp; Co. KG</Nm></Pty></Cdtr>
              <CdtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></CdtrAcct>
            </RltdPties>
            <RltdAgts>
              <CdtrAgt><FinInstnId><BICFI>BYLADEM1001</BICFI></FinInstnId></CdtrAgt>
            </RltdAgts>
            <RmtInf><Ustrd>Rechnung RE-2026-%08lld vom 01.03.2026 Kunde 4711</Ustrd></RmtInf>
          </TxDtls>
        </NtryDtls>
        <AddtlNtryInf>SEPA-UEBERWEISUNG</AddtlNtryInf>
      </Ntry>
)";

// The closing balance stands behind the entries here: its value is known only then, and readers
// take it wherever it stands.
constexpr const char* kTail = R"(      <Bal>
        <Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
        <Amt Ccy="EUR">%lld.%02lld</Amt>
        <CdtDbtInd>%s</CdtDbtInd>
        <Dt><Dt>2026-03-02</Dt></Dt>
      </Bal>
    </Stmt>
  </BkToCstmrStmt>
</Document>
)";

void Require(bool done) {
  if (done) return;
  std::perror("kontor-formats-bench");
  std::exit(1);
}

}  // namespace

StatementFile WriteStatementFile(const std::string& path, int64_t bytes_min) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  Require(file != nullptr);
  StatementFile written;
  written.bytes = std::fprintf(file, "%s", kHead);
  long long balance = 100000;
  while (written.bytes < bytes_min) {
    const long long n = ++written.entries;
    const long long minor = 1 + (n * 7919) % 1000000;
    const bool credit = n % 3 == 0;
    balance += credit ? minor : -minor;
    const char* const direction = credit ? "CRDT" : "DBIT";
    const int size = std::fprintf(file, kEntry, n, minor / 100, minor % 100, direction, n, n,
                                  minor / 100, minor % 100, direction, n % 1000, n);
    Require(size > 0);
    written.bytes += size;
  }
  const long long shown = balance < 0 ? -balance : balance;
  written.bytes +=
      std::fprintf(file, kTail, shown / 100, shown % 100, balance < 0 ? "DBIT" : "CRDT");
  Require(std::fclose(file) == 0);
  return written;
}

}  // namespace kontor::bench
