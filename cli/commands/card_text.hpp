// What the commands of cards and settings share: how a card is shown, and its text on the way.
#pragma once
#include "cli/engine/command.hpp"
#include "cli/engine/session.hpp"

namespace nexus::cli {

extern const Shape kCardShape;

/// The argument FILE of a command that sends a card.
Parameter card_argument();
/// The card's text, from the file named or from standard input.
std::string card_text(const Values& values);
/// Prints a card: its text as it was sent with --text, else as a record.
void print_card(Session& session, const Values& values, const Json& card);
Parameter text_flag();

}  // namespace nexus::cli
