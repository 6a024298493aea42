// SPDX-License-Identifier: Apache-2.0
// Sanctions lists in the form that their publishers give them, as one normalised stream of entries:
//   OFAC_SDN_XML           sdnList: sdnEntry with akaList (U.S. Treasury: SDN.XML and the like)
//   OFAC_SDN_ADVANCED_XML  Sanctions: DistinctParty with profiles, identities and aliases, and the
//                          programmes behind them (SDN_ADVANCED.XML)
//   OFAC_SDN_CSV           SDN.CSV: twelve columns without a head; "-0-" stands for nothing
//   OFAC_ALT_CSV           ALT.CSV: five columns, the other names of SDN.CSV's entries
//   EU_XML                 export: sanctionEntity with nameAlias (Financial Sanctions Files 1.1)
//   UN_XML                 CONSOLIDATED_LIST: INDIVIDUAL and ENTITY (Security Council)
// XML without a document type only, and without anything from the network. Tables carry no date:
// whoever loads them says it.
#pragma once

#include <memory>

#include "server/ports/screening.h"

namespace kontor::formats {

std::unique_ptr<ports::ScreeningListReader> MakeScreeningListReader();

}  // namespace kontor::formats
