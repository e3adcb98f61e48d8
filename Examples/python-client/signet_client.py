"""A client in Python that never signs an honest person out; it needs the standard library alone.

    python3 signet_client.py STORE sign-in SERVER NAME CLIENT_ID ORIGIN...    # the password comes on standard input
    python3 signet_client.py STORE call URL                                   # and: STORE token, STORE sign-out

All that it knows stands in the file STORE: it may be killed at any moment, and any number of processes and threads share it.
"""
import contextlib, fcntl, http.client, ipaddress, itertools, json, os, random, re, secrets, sys, time
from urllib.parse import urlencode, urlsplit


class SignetError(Exception): """One sentence for a person; it never holds a token."""
class SignedOut(SignetError): """The session has ended, and the store is empty. This alone, and NotSignedIn, ask for a sign-in."""
class NotSignedIn(SignetError): """The store holds no session."""
class DamagedStore(SignetError): """The store holds what no client wrote; it is left as it is."""
class Refused(SignetError): """The server understood and said no, or a token would go where it must not; the tokens are kept."""
class Unavailable(SignetError): """No answer, or none that a Signet server gives; the tokens are kept."""


class SignetClient:
    def __init__(self, path):
        self.path, self.folder, self.rests_until = path, os.path.dirname(os.path.abspath(path)), 0

    def sign_in(self, server, name, password, client_id, origins, timeout=30):
        """Opens a session, in the place of one that is still stored; its access token goes to the named origins alone."""
        with self._lock(deadline := time.monotonic() + timeout):
            origins = [origin(url) for url in (server, *origins)]
            session = {"server": server.rstrip("/"), "client_id": client_id, "origins": origins}
            fields = {"username": name, "password": password, "client_id": client_id}
            with contextlib.suppress(NotSignedIn):  # A store that cannot be read is found out before the password leaves.
                if (old := self._read())["server"] == session["server"]: fields["refresh_token"] = old["refresh_token"]
            asked_at = time.time()
            status, answer, _ = ask(session, "/v1/sessions", json.dumps(fields), deadline, {"Content-Type": "application/json"})
            new = renewed(session, answer, asked_at) if status == 201 else None
            if new is None: raise trouble(status, answer)
            self._replace(new)

    def call(self, method, url, body=None, headers={}, timeout=30):
        """Status, header fields and body of an API's answer. A redirect is an answer too: no token follows it."""
        if not isinstance(body, bytes | None): raise TypeError("A body is bytes, for it may have to be sent twice.")
        if origin(url) not in self._read()["origins"]: raise Refused(f"No token is sent to {origin(url)}: it was not named.")
        deadline, token = time.monotonic() + timeout, self.access_token(timeout=timeout)
        answer = send(method, url, body, headers | {"Authorization": "Bearer " + token}, deadline)
        challenges = ", ".join(answer[1].get_all("WWW-Authenticate", []))
        if answer[0] != 401 or not re.search(r'\bBearer\b.*\berror\s*=\s*"?invalid_token\b', challenges, re.I): return answer
        token = self.access_token(rejected=token, timeout=deadline - time.monotonic())
        return send(method, url, body, headers | {"Authorization": "Bearer " + token}, deadline)

    def access_token(self, rejected=None, timeout=30):
        """An access token that can be used now, and is not the one that an API has rejected."""
        session = self._read()  # Another process may have renewed long ago; to see that, nobody has to wait.
        if is_fresh(session, rejected): return session["access_token"]
        is_urgent = session["access_token"] == rejected or remaining(session) < 2
        if not is_urgent and time.monotonic() < self.rests_until: return session["access_token"]
        try:
            return self._renew(rejected, time.monotonic() + (timeout if is_urgent else min(timeout, 1)))["access_token"]
        except (Unavailable, OSError):
            self.rests_until = time.monotonic() + 5  # A busy server is not asked with every call.
            if is_urgent: raise
            return session["access_token"]  # As long as the old token lives, trouble is no reason to stop.

    def sign_out(self, timeout=30):
        """Ends the session at the server, then empties the store; while the server cannot be told, both stay."""
        with self._lock(deadline := time.monotonic() + timeout), contextlib.suppress(NotSignedIn):
            session = self._read()
            form = {"token": session["refresh_token"], "token_type_hint": "refresh_token", "client_id": session["client_id"]}
            status, answer, _ = ask(session, "/oauth/revoke", urlencode(form), deadline)
            if status != 200 and not has_ended(status, answer): raise trouble(status, answer)
            self._replace(None)

    def _renew(self, rejected, deadline):
        with self._lock(deadline):
            for attempt in itertools.count():
                session = self._read()  # Whatever was wrong before, a newer token in the store is the better one.
                if is_fresh(session, rejected): return session
                form = {name: session[name] for name in ("refresh_token", "client_id", "user_id")}
                form["grant_type"] = "refresh_token"
                asked_at, pause = time.time(), random.uniform(0.05, 0.1) * 2 ** min(attempt, 6)
                try:
                    status, answer, least = ask(session, "/oauth/token", urlencode(form), deadline,
                                                {"Idempotency-Key": f'"{session["idempotency_key"]}"'})
                    new = renewed(session, answer, asked_at) if status == 200 else None
                    # An answer about a token that is no longer the store's is late: it changes nothing.
                    if (new or has_ended(status, answer)) and self._read()["refresh_token"] == session["refresh_token"]:
                        self._replace(new)
                        if new: return new
                        raise SignedOut(f"The session has ended ({word(answer, 'reason')}); sign in again.")
                    error, pause = trouble(status, answer), max(pause, least)
                    if isinstance(error, Refused) and not has_ended(status, answer): raise error
                except Unavailable as unavailable: error = unavailable
                if time.monotonic() + pause >= deadline: raise error
                time.sleep(pause)

    @contextlib.contextmanager
    def _lock(self, deadline):
        """One at a time, threads like processes: each opening of the file has a lock of its own, which ends with its holder."""
        os.makedirs(self.folder, 0o700, exist_ok=True)
        descriptor = os.open(self.path + ".lock", os.O_RDWR | os.O_CREAT, 0o600)  # Never removed: two could hold it then.
        try:
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                if time.monotonic() >= deadline: raise Unavailable("Somebody else has held the token store for too long.")
                time.sleep(0.02)
            yield
        finally: os.close(descriptor)

    def _read(self):
        try:
            with open(self.path, "rb") as file: session = json.loads(file.read())
            if not MEMBERS <= session.keys(): raise ValueError
            return session
        except FileNotFoundError: raise NotSignedIn("Nobody is signed in here.") from None
        except (ValueError, AttributeError): raise DamagedStore("The token store is damaged.") from None

    def _replace(self, session):
        """Whoever reads, at whatever moment and after whatever crash, finds the old session or the new one, or none for None."""
        draft = self.path + ".new"
        with contextlib.suppress(FileNotFoundError): os.unlink(draft)
        if session:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(session, file)
                file.flush()
                os.fsync(file.fileno())
            os.rename(draft, self.path)
        else: os.unlink(self.path)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try: os.fsync(descriptor)
        finally: os.close(descriptor)


MEMBERS = {"server", "client_id", "origins", "user_id", "session_id", "access_token", "lifetime", "asked_at", "refresh_token",
           "idempotency_key"}


def remaining(session):
    """Seconds that the access token is good for, by this machine's clock alone; none if that was set back meanwhile."""
    age = time.time() - session["asked_at"]
    return session["lifetime"] - age if age >= 0 else 0


def is_fresh(session, rejected):
    return session["access_token"] != rejected and remaining(session) > min(30, session["lifetime"] / 10)


def renewed(session, answer, asked_at):
    """The session with the tokens of an answer (RFC 6749, section 5.1); None if it has none, or somebody else's."""
    old, lifetime = session.get("refresh_token"), answer.get("expires_in")
    tokens = {"access_token": answer.get("access_token"), "refresh_token": answer.get("refresh_token", old)}
    ids = {name: answer.get(name) for name in ("user_id", "session_id")}
    are_tokens = all(isinstance(token, str) and re.fullmatch(r"[!#-\[\]-~]{1,16384}", token) for token in tokens.values())
    is_ours = all(isinstance(id, str) and session.get(name, id) == id for name, id in ids.items())
    if not (are_tokens and is_ours and type(lifetime) is int and lifetime > 0): return None
    # The key belongs to the refresh token and is written down with it: it is on the disk before any renewal leaves.
    key = session["idempotency_key"] if tokens["refresh_token"] == old else secrets.token_urlsafe(24)
    return session | tokens | ids | {"lifetime": lifetime, "asked_at": asked_at, "idempotency_key": key}


def has_ended(status, answer):
    """Whether the server says that the session is over; nothing else signs a person out."""
    return status == 400 and answer.get("error") == "invalid_grant"


def trouble(status, answer):
    if answer and 400 <= status < 500 and status != 429:
        return Refused(f"The server refused ({status} {word(answer, 'error')}).")
    return Unavailable(f"The answer ({status}) says nothing about the session; try again later.")


def word(answer, name):
    """What a server says may end up in a log, and a broken one may echo a token: only a plain word is repeated."""
    return text if re.fullmatch("[a-z_]{1,40}", text := str(answer.get(name))) else "without a reason"


def origin(url):
    """Scheme, host and port of an address that a token may go to: https, or this machine itself."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        is_safe = "https" == parts.scheme or "localhost" == parts.hostname or ipaddress.ip_address(parts.hostname).is_loopback
    except (ValueError, LookupError): is_safe = False
    if not is_safe or not parts.hostname or "@" in parts.netloc:
        raise Refused("Tokens go to addresses with https alone, or to this machine.")
    return f"{parts.scheme}://{parts.hostname}:{port}"


def ask(session, path, body, deadline, headers={}):
    """Status, JSON object and wished pause of the server's answer; somebody else's page has no object, whatever its status."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"} | headers
    status, fields, body = send("POST", session["server"] + path, body.encode(), headers, deadline)
    is_json = fields.get_content_type() in ("application/json", "application/problem+json")
    try: answer = json.loads(body) if is_json else {}
    except (ValueError, RecursionError): answer = {}
    pause = fields.get("Retry-After", "")
    return status, answer if isinstance(answer, dict) else {}, int(pause) if re.fullmatch("[0-9]{1,6}", pause) else 0


def send(method, url, body, headers, deadline):
    """One request on a connection of its own to the very origin that is checked: no redirects, and no proxies."""
    origin(url)
    parts, timeout = urlsplit(url), min(10, max(0.1, deadline - time.monotonic()))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request(method, (parts.path or "/") + (parts.query and "?" + parts.query), body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except (OSError, http.client.HTTPException) as error: raise Unavailable(f"No answer came ({type(error).__name__}).") from None
    finally: connection.close()


def main(client, *command):
    match command:
        case "sign-in", server, name, client_id, *origins:
            client.sign_in(server, name, sys.stdin.readline().rstrip("\n"), client_id, origins)
        case "call", url:
            status, _, body = client.call("GET", url)
            sys.stdout.buffer.write(body)
            if not 200 <= status < 300: raise Refused(f"The API answered {status}.")
        case "token", : print(client.access_token())
        case "sign-out", : client.sign_out()
        case _: sys.exit(__doc__)


if __name__ == "__main__":
    try: main(SignetClient(sys.argv[1] if sys.argv[1:] else ""), *sys.argv[2:])
    except (SignetError, OSError) as error: sys.exit(str(error))
