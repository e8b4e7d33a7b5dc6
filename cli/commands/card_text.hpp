// Shared by the commands of cards and settings: how a card is shown, and how its text is read.
#pragma once
#include "cli/engine/session.hpp"

namespace nexus::cli {

extern const Shape kCardShape;

/// The argument FILE of a command that sends a card.
Parameter card_argument();
/// Reads the card's text, from the file named or from standard input.
std::string card_text(const Values& values);
/// Prints a card: with --text its text as it was sent, else a record.
void print_card(Session& session, bool as_text, const Json& card);
Parameter text_flag();

}  // namespace nexus::cli
