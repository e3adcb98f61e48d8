"""An API in Python that refuses a revoked access token within a second: PyJWT verifies, the revocation feed says what has ended.

    pip install 'pyjwt[crypto]'
    SIGNET_SECRET=... python3 api.py ISSUER AUDIENCE CLIENT_ID [PORT]      # from: signet client add NAME --resource-server
    curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8091/
"""
import base64, http.server, json, os, random, sys, threading, time, urllib.parse, urllib.request
import jwt

issuer, audience, client_id = sys.argv[1:4]
basic = ":".join(map(urllib.parse.quote_plus, (client_id, os.environ["SIGNET_SECRET"])))  # RFC 6749, section 2.3.1
keys = jwt.PyJWKClient(issuer + "/.well-known/jwks.json", lifespan=300)
kinds = {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": "session",
         **{f"{issuer}/events/{kind}-revoked": kind for kind in ("token", "client", "key")}}
ended, live = {}, threading.Event()  # (kind, id) -> when it may be forgotten; live: the first snapshot is complete


def verify(token, audience=audience, kind="at+jwt", needed=("exp", "sub", "client_id")):
    header = jwt.get_unverified_header(token)
    if header["typ"] != kind or ("key", header["kid"]) in ended: raise jwt.InvalidTokenError("another kind, or a revoked key")
    claims = jwt.decode(token, keys.get_signing_key(header["kid"]).key, ["ES256", "EdDSA", "RS256"], audience=audience,
                        issuer=issuer, leeway=30, options={"require": ["aud", "iat", "iss", "jti", *needed]})
    subjects = ("session", claims.get("sid")), ("token", claims["jti"]), ("client", claims.get("client_id"))
    if "cnf" in claims or any(subject in ended for subject in subjects): raise jwt.InvalidTokenError("bound, or revoked")
    return claims


def take(text):
    event = verify(text, issuer + "/v1/revocations", "secevent+jwt", ("events", "sub_id"))
    ((name, body),), about = event["events"].items(), event["sub_id"]
    if kind := kinds.get(name):  # Any other is of a later day.
        ended[kind, about["session"]["id"] if kind == "session" else about.get("jti") or about["id"]] = body.get("forget_at", 1e18)
    for subject in [subject for subject, moment in ended.items() if moment < time.time()]: del ended[subject]


def follow(position=None):
    while True:
        try:
            headers = {"Authorization": "Basic " + base64.b64encode(basic.encode()).decode(), "Accept": "text/event-stream"}
            if position: headers["Last-Event-ID"] = position
            with urllib.request.urlopen(urllib.request.Request(issuer + "/v1/revocations", headers=headers), timeout=45) as feed:
                if feed.status == 204: return  # Stay away.
                fields = {}
                for line in feed:  # Signet ends lines with \n, and gives each event one line of data.
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if line != b"\n":
                        fields[name] = value
                        continue
                    if fields.get("event") in ("snapshot", "revocation"): take(fields["data"])
                    position = fields.get("id", position)
                    if fields.get("event") == "live": live.set()
                    fields = {}
        except OSError as error:  # The server is away: come back to where we were.
            print("The revocation feed broke:", repr(error), file=sys.stderr)
        except Exception as error:  # An event that cannot be believed: a snapshot has what it may have said.
            position = None
            print("The revocation feed has an event that is not the issuer's:", repr(error), file=sys.stderr)
        time.sleep(random.uniform(1, 2))  # Not in step with others.


class API(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            claims = verify(self.headers.get("Authorization", "").removeprefix("Bearer "))
            status, answer = 200, {"subject": claims["sub"]}
        except jwt.PyJWKClientConnectionError: status, answer = 503, {"title": "Service Unavailable"}  # no keys: nobody can say
        except (jwt.PyJWTError, KeyError): status, answer = 401, {"title": "Unauthorized"}
        self.send_response(status)
        if status == 401: self.send_header("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"')
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


if __name__ == "__main__":
    threading.Thread(target=follow, daemon=True).start()
    live.wait(10)  # Expiry protects meanwhile.
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int((sys.argv[4:] or ["8091"])[0])), API)
    print(f"Ready at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
