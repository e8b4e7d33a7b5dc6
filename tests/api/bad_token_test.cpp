// Forged and broken tokens, each made by hand with the daemon's own key at hand: all are 401, with the literal code.
#include "tests/api/expect.hpp"
#include "tests/api/signed_token.hpp"
#include "tests/catch.hpp"

namespace nexus::test {
namespace {

std::string try_token(World& world, const std::string& token) {
  return outcome(world.call("GET", "/auth/me", {{"Authorization", "Bearer " + token}}));
}

template <class Change>
std::string try_changed(World& world, const Parts& good, Change change) {
  Parts parts = good;
  change(parts);
  return try_token(world, parts.token());
}

const std::string kInvalid = "401 auth.invalid_token";

}  // namespace

TEST_CASE("a token made by hand with the right key is good, so that the bad ones are bad for one reason each") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  CHECK(try_token(world, good.token()) == "200");
  CHECK(try_changed(world, good, [](Parts& p) { p.claims["aud"] = "nexusd"; }) == "200");
  CHECK(try_changed(world, good, [](Parts& p) { p.claims["aud"] = {"other", "nexusd"}; }) == "200");
  CHECK(try_changed(world, good, [](Parts& p) { p.claims["nbf"] = now_seconds() + 20; }) == "200");  // leeway: 30 s
  CHECK(try_changed(world, good, [](Parts& p) { p.claims["exp"] = now_seconds() - 20; }) == "200");
  CHECK(try_changed(world, good, [](Parts& p) { p.header.erase("kid"); }) == "200");
}

TEST_CASE("no algorithm but HS256 is taken, whatever the signature is worth") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  for (const char* alg :
       {"none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "PS256", "hs256", "", "HS256 "}) {
    INFO(alg);
    CHECK(try_changed(world, good, [&](Parts& p) { p.header["alg"] = alg; }) == kInvalid);
    Parts parts = good;
    parts.header["alg"] = alg;
    CHECK(try_token(world, parts.signed_part() + ".") == kInvalid);
    CHECK(try_token(world, parts.signed_part()) == kInvalid);
  }
  CHECK(try_changed(world, good, [](Parts& p) { p.header.erase("alg"); }) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) { p.header["alg"] = {"HS256"}; }) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) { p.header["alg"] = nullptr; }) == kInvalid);
  // The confusion of keys: a public key used as the secret of an HMAC.
  CHECK(try_changed(world, good, [](Parts& p) { p.key = "-----BEGIN PUBLIC KEY-----\n"; }) == kInvalid);
}

TEST_CASE("a token that asks for an extension is refused, for none is known here (RFC 7515, 4.1.11)") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  for (const Json& extensions : {Json::array({"b64"}), Json::array({"exp"}), Json::array(), Json("b64"), Json(nullptr)})
    CHECK(try_changed(world, good, [&](Parts& p) { p.header["crit"] = extensions; }) == kInvalid);
}

TEST_CASE("a token of another type is refused, for its claims would mean something else (RFC 8725, 3.11)") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  CHECK(try_changed(world, good, [](Parts& p) { p.header.erase("typ"); }) == "200");
  CHECK(try_changed(world, good, [](Parts& p) { p.header["typ"] = "jwt"; }) == "200");
  for (const Json& type : {Json("at+jwt"), Json("JWE"), Json(""), Json(7), Json(nullptr)})
    CHECK(try_changed(world, good, [&](Parts& p) { p.header["typ"] = type; }) == kInvalid);
}

TEST_CASE("the key is chosen among the daemon's own by its kid, never by a path or an address") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  for (const char* kid : {"unknown", "", "../root.token", "../../../../dev/null", "/dev/null", "jwt-x.key", "%2e%2e",
                          "' OR 1=1--", "a\\u0000b"}) {
    INFO(kid);
    CHECK(try_changed(world, good, [&](Parts& p) { p.header["kid"] = kid; }) == kInvalid);
    CHECK(try_changed(world, good, [&](Parts& p) {
            p.header["kid"] = kid;
            p.key = "";
          }) == kInvalid);
  }
  CHECK(try_changed(world, good, [](Parts& p) { p.header["kid"] = 7; }) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) { p.header["kid"] = nullptr; }) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) {
          p.header["kid"] = "../root.token";
          p.key = slurp(shared_world().daemon().data_dir() / "root.token");
        }) == kInvalid);
  for (const char* name : {"jku", "x5u", "jwk"}) {
    INFO(name);
    CHECK(try_changed(world, good, [&](Parts& p) {
            p.header[name] = name == std::string("jwk") ? Json{{"kty", "oct"}, {"k", base64url("mine")}}
                                                        : Json("http://127.0.0.1:1/k");
            p.header.erase("kid");
            p.key = "mine";
          }) == kInvalid);
  }
}

TEST_CASE("a changed byte, a cut signature or a wrong number of parts is invalid") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  const std::string token = good.token();
  const std::string mac = token.substr(token.rfind('.') + 1);
  CHECK(try_changed(world, good, [](Parts& p) { p.key.back() = static_cast<char>(p.key.back() ^ 1); }) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) { p.key.clear(); }) == kInvalid);
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, mac.size() / 2, mac.size() - 1}) {
    INFO(length);
    CHECK(try_token(world, good.signed_part() + "." + mac.substr(0, length)) == kInvalid);
  }
  const std::string half(as_text(hmac_sha256(good.key, good.signed_part())).substr(0, 16));
  CHECK(try_token(world, good.signed_part() + "." + base64url(half)) == kInvalid);
  for (const std::string& text : {token + ".", token + "." + mac, "." + token, token + ".a.b", token + "A", token + "=",
                                  std::string("..") + mac, std::string("a"), std::string(".."), token.substr(1)}) {
    INFO(text);
    CHECK(try_token(world, text) == kInvalid);
  }
  std::string swapped = token;
  swapped[token.find('.') + 5] = swapped[token.find('.') + 5] == 'A' ? 'B' : 'A';
  CHECK(try_token(world, swapped) == kInvalid);
  CHECK(try_token(world, std::string(5000, 'a')) == kInvalid);
}

TEST_CASE("header and claims are strict JSON objects in strict base64url") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  const auto try_texts = [&](const std::string& header, const std::string& claims) {
    const std::string text = base64url(header) + "." + base64url(claims);
    return try_token(world, text + "." + base64url(as_text(hmac_sha256(good.key, text))));
  };
  const std::string header = good.header.dump(), claims = good.claims.dump();
  CHECK(try_texts(header, claims) == "200");
  CHECK(try_texts("[]", claims) == kInvalid);
  CHECK(try_texts(header, "[]") == kInvalid);
  CHECK(try_texts(header, "null") == kInvalid);
  CHECK(try_texts(header, "") == kInvalid);
  CHECK(try_texts(header, claims + "x") == kInvalid);
  // A repeated key would let two readers see two tokens.
  CHECK(try_texts("{\"alg\":\"none\"," + header.substr(1), claims) == kInvalid);
  CHECK(try_texts(header, "{\"sub\":\"u_dev\"," + claims.substr(1)) == kInvalid);
  CHECK(try_texts(header, "{\"a\":\"\xFF\"," + claims.substr(1)) == kInvalid);
}

TEST_CASE("times are judged with 30 seconds of leeway, and no token lives longer than 365 days") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  const auto with_time = [&](const char* claim, const Json& value) {
    return try_changed(world, good, [&](Parts& p) { p.claims[claim] = value; });
  };
  const std::int64_t now = now_seconds();
  CHECK(with_time("exp", now - 31) == "401 auth.token_expired");
  CHECK(with_time("exp", 0) == "401 auth.token_expired");
  CHECK(with_time("exp", now + 365 * 86400 + 100) == kInvalid);
  CHECK(with_time("exp", INT64_MAX) == kInvalid);
  CHECK(with_time("exp", UINT64_MAX) == kInvalid);
  CHECK(with_time("exp", -1) == kInvalid);
  CHECK(with_time("exp", std::to_string(now + 60)) == kInvalid);
  CHECK(with_time("exp", static_cast<double>(now) + 60.5) == kInvalid);
  CHECK(with_time("exp", nullptr) == kInvalid);
  CHECK(try_changed(world, good, [](Parts& p) { p.claims.erase("exp"); }) == kInvalid);
  CHECK(with_time("nbf", now + 60) == kInvalid);
  CHECK(with_time("nbf", "soon") == kInvalid);
  CHECK(with_time("iat", "yesterday") == kInvalid);
}

TEST_CASE("a claim of the wrong type or value is invalid") {
  World& world = shared_world();
  const Parts good = good_parts(world, world.new_person());
  const auto with_claim = [&](const char* claim, const Json& value) {
    INFO(claim << " = " << value.dump());
    CHECK(try_changed(world, good, [&](Parts& p) { p.claims[claim] = value; }) == kInvalid);
  };
  for (const char* claim : {"iss", "sub", "jti"}) {
    CHECK(try_changed(world, good, [&](Parts& p) { p.claims.erase(claim); }) == kInvalid);
    for (const Json& value : {Json(7), Json(nullptr), Json::array({"nexusd"}), Json(""), Json(true)})
      with_claim(claim, value);
  }
  with_claim("iss", "other");
  with_claim("sub", "system");
  with_claim("sub", "u_nobody");
  with_claim("sub", "u_dev");  // the id of the token is another's
  with_claim("jti", "01a20636-66b1-7001-b8d7-953e256aa6b5");
  with_claim("jti", "root");
  with_claim("jti", "a b");
  with_claim("tenants", "t_dev");
  with_claim("tenants", {{"t_dev", true}});
  with_claim("tenants", {"t_dev", 7});
  with_claim("tenants", nullptr);
  with_claim("envs", "dev");
  with_claim("envs", {1});
  with_claim("role", "system");
  with_claim("role", "OWNER");
  with_claim("role", {"owner"});
  with_claim("role", 3);
  with_claim("actor_type", "system");
  with_claim("actor_type", nullptr);
  with_claim("actor_type", "robot");
  with_claim("aud", "other");
  with_claim("aud", Json::array());
  with_claim("aud", 7);
  with_claim("aud", {"other", 7});
}

TEST_CASE("another's token id does not serve, even well signed") {
  World& world = shared_world();
  const Person victim = world.new_person();
  const Parts mine = good_parts(world, world.new_person());
  const Parts theirs = good_parts(world, victim);
  CHECK(try_changed(world, mine, [&](Parts& p) { p.claims["sub"] = victim.id; }) == kInvalid);
  CHECK(try_changed(world, mine, [&](Parts& p) { p.claims["jti"] = theirs.claims["jti"]; }) == kInvalid);
}

TEST_CASE("the Authorization header has one form") {
  World& world = shared_world();
  const std::string token = world.new_person().token;
  const auto with_value = [&](const std::string& value) {
    return outcome(world.call("GET", "/auth/me", {{"Authorization", value}}));
  };
  CHECK(with_value("Bearer " + token) == "200");
  CHECK(with_value("bearer " + token) == "200");
  for (const std::string& value : {token, "Token " + token, "Bearer" + token, "Bearer\t" + token, "Basic " + token,
                                   "Bearer " + token + " x", "Bearer Bearer " + token, std::string("Bearer")}) {
    INFO(value);
    CHECK(with_value(value) == kInvalid);
  }
  // Nowhere else is a token looked for.
  CHECK(outcome(world.call("GET", "/auth/me?access_token=" + token)) == "401 auth.missing_token");
  CHECK(outcome(world.call("GET", "/auth/me", {{"Cookie", "token=" + token}})) == "401 auth.missing_token");
  const Answer twice =
      world.call("GET", "/auth/me", {{"Authorization", "Bearer " + token}, {"Authorization", "Bearer x"}});
  CHECK(twice.status >= 400);
}

}  // namespace nexus::test
