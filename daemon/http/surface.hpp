// The routes of one surface: their common properties are declared once, and each route names its own.
//
//   const Surface surface{.name = "maybes", .read_action = "maybes_read"};
//   routes.add(surface.list("/maybes/items", reads(parse_list, list), {.summary = "List …", .response = …}));
//   routes.add(surface.create("/maybes/items", "maybes_create", writes(parse_create, create), {…}));
#pragma once
#include "daemon/http/handlers.hpp"

namespace nexus::http {

/// Routes over rows of the caller's tenant and env. Reads pass the gates of reads, writes those of `policy`.
struct Surface {
  std::string name;  // of the gates
  std::string read_action = {};
  Role reads = Role::viewer;
  Role writes = Role::member;
  std::string tag = {};  // of the documentation; empty: the name
  gates::Policy policy = gates::Policy::full;
  Effects effects = {};
  bool body_names_surface = false;

  Route get(std::string path, ReadHandler handler, Docs docs) const;
  /// A GET. Answers 404 for an absent subject.
  Route show(std::string path, ReadHandler handler, Docs docs) const;
  /// A GET of one page; `docs.response` is one item.
  Route list(std::string path, ReadHandler handler, Docs docs) const;
  /// A POST with a JSON body. Answers 201, or what the documentation says.
  Route create(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A POST with a JSON body where the documentation has one. Answers 200.
  Route act(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A POST of a form with a file, or of JSON too where the handler takes it. Answers 201.
  Route upload(std::string path, std::string action, FormHandler handler, Docs docs) const;
  /// A PUT with a JSON body. Answers 200.
  Route put(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A PATCH with a JSON body. Answers 200, and 404 for an absent subject.
  Route change(std::string path, std::string action, WriteHandler handler, Docs docs) const;
  /// A DELETE. Answers 204, and 404 for an absent subject.
  Route remove(std::string path, std::string action, WriteHandler handler, Docs docs) const;

 private:
  Route write(std::string method, std::string path, std::string action, Handler handler, Docs docs) const;
};

/// The same route, marked as leading to an object in storage.
Route into_storage(Route route);

}  // namespace nexus::http
