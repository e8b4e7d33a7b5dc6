// From a route's typed functions to its handler.
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::http {

/// Refuses a form whose file was not read: the gates refused then, and let pass now.
[[noreturn]] void refuse_unread();

/// A parser that reads the path's parameter `name`.
inline auto param(std::string name) {
  return [name = std::move(name)](Input& input) { return input.param(name); };
}

/// query: Reply(const Reader&, const Caller&). The request has nothing to parse.
inline ReadHandler reads(Query query) {
  return [query = std::move(query)](Input&) { return query; };
}

/// parse: V(Input&); query: Reply(const Reader&, const Caller&, const V&)
template <class Parse, class Ask>
ReadHandler reads(Parse parse, Ask query) {
  return [parse, query](Input& input) -> Query {
    return [value = parse(input), query](const store::Reader& reader, const Caller& caller) {
      return query(reader, caller, value);
    };
  };
}

/// parse: V(Input&); apply: Applied(Tx&, const Caller&, const V&)
template <class Parse, class Apply>
WriteHandler writes(Parse parse, Apply apply) {
  return [parse, apply](Input& input) -> Write {
    Write write;
    write.apply = [value = parse(input), apply](store::Tx& tx, const Caller& caller) {
      return apply(tx, caller, value);
    };
    return write;
  };
}

/// `handler` with answers that may be large: see Render.
inline WriteHandler rendered(WriteHandler handler, Render render) {
  return [handler = std::move(handler), render = std::move(render)](Input& input) {
    Write write = handler(input);
    write.render = render;
    return write;
  };
}

/// A handler of requests that may repeat what was done. repeated: std::optional<Repeat>(const Reader&, const Caller&,
/// const V&), see Write::repeated; handler: WriteHandler(parse), where `parse` reads the request's value, a V.
template <class Parse, class Repeated, class Handler>
WriteHandler repeatable(Parse parse, Repeated repeated, Render render, Handler handler) {
  return [=](Input& input) {
    const auto value = parse(input);
    Write write = handler([&value](Input&) { return value; })(input);
    write.repeated = [value, repeated](const store::Reader& reader, const Caller& caller) {
      return repeated(reader, caller, value);
    };
    write.render = render;
    return write;
  };
}

/// `handler` with a change to what the caller has in the tenant of the path: see Write::concerns. `has_something`:
/// bool(const Reader&, const Caller&, const TenantId&)
template <class HasSomething>
WriteHandler concerning_tenant(WriteHandler handler, HasSomething has_something) {
  return [handler = std::move(handler), has_something](Input& input) {
    Write write = handler(input);
    write.concerns = [tenant = TenantId::parse(input.param("tenant_id")), has_something](
                         const store::Reader& reader, const Caller& caller) -> std::optional<TenantId> {
      return tenant && has_something(reader, caller, *tenant) ? tenant : std::nullopt;
    };
    return write;
  };
}

/// parse: V(Input&); apply: Applied(Tx&, const Caller&, const V&, const StoredFile&)
template <class Parse, class Apply>
std::function<Write(Input&, StoredFilePtr)> receives(Parse parse, Apply apply) {
  return [parse, apply](Input& input, StoredFilePtr file) -> Write {
    Write write;
    write.apply = [value = parse(input), file = std::move(file), apply](store::Tx& tx, const Caller& caller) {
      if (!file) refuse_unread();
      return apply(tx, caller, value, *file);
    };
    return write;
  };
}

/// parse: V(Input&); prepare: P(Database&, const Caller&, const V&); apply: Applied(Tx&, const Caller&, const V&, const
/// P&). A P that makes much to write says how many bytes, as unit_bytes(). One that stores something removes it by its
/// member `discard`, see Write::undo; may be empty.
template <class Parse, class Prepare, class Apply>
WriteHandler writes(Parse parse, Prepare prepare, Apply apply) {
  return [parse, prepare, apply](Input& input) -> Write {
    using Value = decltype(parse(input));
    using Prepared = decltype(prepare(std::declval<store::Database&>(), input.caller, std::declval<const Value&>()));
    auto value = std::make_shared<const Value>(parse(input));
    auto prepared = std::make_shared<std::optional<Prepared>>();
    Write write;
    write.prepare = [value, prepared, prepare](store::Database& database, const Caller& caller) -> std::size_t {
      prepared->emplace(prepare(database, caller, *value));
      if constexpr (requires(const Prepared& made) { made.unit_bytes(); }) return (*prepared)->unit_bytes();
      return 0;
    };
    write.apply = [value, prepared, apply](store::Tx& tx, const Caller& caller) {
      return apply(tx, caller, *value, prepared->value());
    };
    if constexpr (requires(const Prepared& made) { made.discard(); })
      write.undo = [prepared] {
        if (*prepared && (*prepared)->discard) (*prepared)->discard();
      };
    return write;
  };
}

}  // namespace nexus::http
