// The routes of one surface: what they have in common is said once, and each route names what is its own.
//
//   const Surface surface{.name = "maybes", .read_action = "maybes_read"};
//   routes.add(surface.list("/maybes/items", reads(parse_list, list), {.summary = "List …", .response = …}));
//   routes.add(surface.create("/maybes/items", "maybes_create", writes(parse_create, create), {…}));
#pragma once
#include "daemon/http/route.hpp"

namespace nexus::http {

/// Rows of the caller's tenant and env: reads pass the gates of reads, writes those of `policy`.
struct Surface {
  std::string name;  // of the gates
  std::string read_action = {};
  Role reads = Role::viewer;
  Role writes = Role::member;
  std::string tag = {};  // of its documentation; empty: the name
  gates::Policy policy = gates::Policy::full;
  Effects effects = {};
  bool body_names_surface = false;

  Route get(std::string path, ReadHandler handler, Docs docs) const;
  /// A GET that answers 404 where the subject is not there.
  Route show(std::string path, ReadHandler handler, Docs docs) const;
  /// A GET of one page; `docs.response` is one item.
  Route list(std::string path, ReadHandler handler, Docs docs) const;
  /// A POST that answers 201, or what the documentation says; its body is JSON.
  Route create(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A POST that answers 200; its body is JSON where the documentation has one.
  Route act(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A POST that answers 201, whose body is a form with a file, or JSON too where the handler takes it.
  Route upload(std::string path, std::string action, FormHandler handler, Docs docs) const;
  /// A PUT that answers 200; its body is JSON.
  Route put(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A PATCH that answers 200, and 404 where the subject is not there; its body is JSON.
  Route change(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A DELETE that answers 204, and 404 where the subject is not there.
  Route remove(std::string path, std::string action, WriteHandler handler, Docs docs) const;

 private:
  Route read(std::string path, ReadHandler handler, Docs docs) const;
  Route write(std::string method, std::string path, std::string action, Handler handler, Docs docs) const;
};

/// The same route, whose write leads to an object in storage.
Route into_storage(Route route);

}  // namespace nexus::http
