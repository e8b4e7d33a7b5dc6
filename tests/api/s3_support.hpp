// People who upload to nexusd on S3, for the tests of that store: one member in one tenant, and the stub server.
#pragma once
#include <chrono>
#include <string>

#include "tests/api/expect.hpp"
#include "tests/api/media_support.hpp"
#include "tests/catch.hpp"
#include "tests/support/s3_stub.hpp"

namespace nexus::test {

/// Straight to the server, as a client sends it.
inline Answer send_form(S3Stub& stub, const Json& presigned, const std::string& content) {
  Client client(stub.endpoint());
  return client.request("POST", target_of(presigned.at("url")), {{"Content-Type", kFormType}},
                        form_body(form_of(presigned), content));
}

struct OnS3 {
  explicit OnS3(S3Stub::Options options = {}, DaemonOptions daemon = {})
      : stub(options), world(stub.daemon(std::move(daemon))), tenant(world.new_tenant_with_members()) {}

  Headers headers(const std::string& env = "dev", const std::string& role = "member") const {
    return World::in(tenant.at(role), tenant.id, env);
  }
  Answer get(const std::string& target, const std::string& env = "dev") {
    return world.call("GET", target, headers(env, "viewer"));
  }
  Answer post(const std::string& target, const Json& body, const std::string& env = "dev") {
    return world.call("POST", target, headers(env), body);
  }
  Answer erase(const std::string& target) { return world.call("DELETE", target, headers()); }

  Answer send(const Json& presigned, const std::string& content) { return send_form(stub, presigned, content); }
  Json presign(const std::string& filename = "a.txt", const Json& more = Json::object(),
               const std::string& env = "dev") {
    Json body = {{"filename", filename}};
    body.update(more);
    const Answer answer = post("/nexus/raw/presign-upload", body, env);
    REQUIRE(answer.status == 200);
    return answer.json;
  }
  /// Presigned and sent, not registered.
  Json uploaded(const std::string& content, const std::string& filename = "a.txt", const Json& more = Json::object(),
                const std::string& env = "dev") {
    Json form = presign(filename, more, env);
    REQUIRE(send(form, content).status == 204);
    return form;
  }
  Answer enroll(const Json& form, const Json& more = Json::object(), const std::string& env = "dev") {
    Json body = {{"asset_id", form.at("asset_id")}, {"filename", form.at("filename")}};
    body.update(more);
    return post("/nexus/raw/register", body, env);
  }
  Json registered(const std::string& content, const std::string& env = "dev") {
    const Answer answer = enroll(uploaded(content, "a.txt", Json::object(), env), Json::object(), env);
    REQUIRE(answer.status == 201);
    return answer.json;
  }
  Answer upload_media(const std::string& content, const std::string& env = "dev") {
    return world.call("POST", "/media-v2/assets", with(headers(env), {{"Content-Type", kFormType}}),
                      media_form({}, content));
  }
  /// What the link behind a download gives.
  Answer fetch(const std::string& target, const std::string& env = "dev") {
    const Answer redirect = get(target, env);
    if (redirect.status != 302) return redirect;
    const std::string link = redirect.header("location");
    REQUIRE(link.starts_with(stub.endpoint() + "/nexus/"));
    Client client(stub.endpoint());
    return client.request("GET", target_of(link));
  }

  S3Stub stub;
  World world;
  Tenant tenant;
};

/// Seconds that a call takes.
template <class Call>
double seconds_of(Call call) {
  const auto began = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace nexus::test
