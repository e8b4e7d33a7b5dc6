#include "cli/engine/model_options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "cli/engine/failure.hpp"

namespace nexus::cli {
namespace {

/// `tags` becomes `--tag`, given once per tag.
std::string_view singular(const model::Spec& spec) {
  std::string_view name = spec.name;
  if (spec.kind == model::Kind::texts && name.ends_with('s')) name.remove_suffix(1);
  return name;
}

std::string option_name(std::string_view prefix, std::string_view field) {
  std::string out(prefix);
  out += field;
  std::ranges::replace(out, '_', '-');
  return out;
}

/// What help shows for the value: its kind where that says more than the field's name.
std::string placeholder(const model::Spec& spec) {
  switch (spec.kind) {
    case model::Kind::document:
      return "JSON";
    case model::Kind::time:
      return "TIME";
    case model::Kind::integer:
      return "N";
    case model::Kind::number:
      return "NUMBER";
    default:
      break;
  }
  std::string out(singular(spec));
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

/// `one, two or three`
std::string listed(std::span<const std::string_view> choices) {
  std::string out;
  for (std::size_t i = 0; i < choices.size(); ++i)
    out.append(i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ").append(choices[i]);
  return out;
}

std::string help_of(const model::Spec& spec) {
  const std::string choices = listed(spec.rule.choices);
  std::string out(spec.rule.help);
  if (!choices.empty()) out += (out.empty() ? "" : ": ") + choices;
  return out + (spec.rule.from_input ? "; - is standard input" : "");
}

/// The option or argument that gives the field; empty where there is none.
std::string parameter_of(const model::Spec& spec, Options which, const std::vector<Taken>& taken) {
  if (spec.who != model::Who::client || (which == Options::edit && spec.rule.fixed)) return {};
  const auto otherwise = std::ranges::find(taken, spec.name, &Taken::field);
  return otherwise == taken.end() ? option_name("--", singular(spec)) : otherwise->argument;
}

/// An edit can remove a field that may be missing.
bool may_be_cleared(const model::Spec& spec, Options which) {
  return which == Options::edit && (spec.nullable || spec.kind == model::Kind::texts);
}

Json value_of(const Values& values, const model::Spec& spec, const std::string& name) {
  switch (spec.kind) {
    case model::Kind::boolean:
      return true;
    case model::Kind::texts:
      return values.list(name);
    case model::Kind::integer: {
      using Limits = std::numeric_limits<long long>;
      const bool bounded = spec.rule.least != 0 || spec.rule.most != 0;
      return *values.number(name, bounded ? spec.rule.least : Limits::min(), bounded ? spec.rule.most : Limits::max());
    }
    case model::Kind::number:
      return number_of(name, values.text(name));
    case model::Kind::document:
      return values.object(name);
    default:
      return spec.rule.from_input ? values.text_or_input(name) : values.text(name);
  }
}

}  // namespace

double number_of(const std::string& what, const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) throw usage_error(what + " wants a number");
  return value;
}

std::vector<Parameter> options_of(std::span<const model::Spec> specs, Options which, const std::vector<Taken>& taken,
                                  std::vector<Parameter> more) {
  std::vector<Parameter> out;
  for (const model::Spec& spec : specs) {
    const std::string name = parameter_of(spec, which, taken);
    if (!name.starts_with('-')) continue;
    if (spec.kind == model::Kind::boolean)
      out.push_back(flag(name, help_of(spec)));
    else if (spec.kind == model::Kind::texts)
      out.push_back(repeated_option(name, placeholder(spec), help_of(spec)));
    else if (spec.rule.required && which == Options::create)
      out.push_back(required_option(name, placeholder(spec), help_of(spec)));
    else
      out.push_back(option(name, placeholder(spec), help_of(spec)));
    out.back().choices.assign(spec.rule.choices.begin(), spec.rule.choices.end());
    if (spec.kind == model::Kind::time) out.back() = spec.rule.past ? past(out.back()) : future(out.back());
    if (may_be_cleared(spec, which))
      out.push_back(flag(option_name("--no-", spec.name), "take its " + std::string(spec.name) + " away"));
  }
  std::ranges::move(more, std::back_inserter(out));
  return out;
}

Json body_of(const Values& values, std::span<const model::Spec> specs, Options which, const std::vector<Taken>& taken) {
  Json body = Json::object();
  for (const model::Spec& spec : specs) {
    const std::string name = parameter_of(spec, which, taken);
    if (name.empty()) continue;
    const bool option = name.starts_with('-');
    if (values.given(name) || (spec.rule.from_input && !option))
      body[std::string(spec.name)] = value_of(values, spec, name);
    if (!option || !may_be_cleared(spec, which)) continue;
    const std::string clear = option_name("--no-", spec.name);
    if (values.given(name) && values.given(clear)) throw usage_error(name + " and " + clear + " exclude each other");
    if (values.given(clear)) body[std::string(spec.name)] = spec.kind == model::Kind::texts ? Json::array() : Json();
  }
  return body;
}

Command creates(Command command, std::span<const model::Spec> specs, ApiRequest request, const Shape& shape,
                const std::vector<Taken>& taken, std::vector<Parameter> more) {
  command.parameters = options_of(specs, Options::create, taken, std::move(more));
  command.columns = shape.columns;
  command.run = sends(std::move(request), shape,
                      [=](const Values& values) { return body_of(values, specs, Options::create, taken); });
  return command;
}

}  // namespace nexus::cli
