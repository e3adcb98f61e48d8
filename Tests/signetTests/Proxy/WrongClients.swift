extension Story.ProxyCommandTests {
    /// A client in Python with one bad habit, which is its argument; the password comes on standard input.
    static let client = """
        import http.client, json, os, secrets, sys, time
        from urllib.parse import urlencode, urlsplit
        server, habit, password = urlsplit(os.environ["SIGNET_SERVER"]), sys.argv[1], sys.stdin.read()

        def ask(method, path, body=None, headers={}):
            connection = http.client.HTTPConnection(server.hostname, server.port, timeout=10)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                text = answer.read()
                return answer.status, json.loads(text) if answer.headers.get_content_type().endswith("json") else {}
            except (OSError, http.client.HTTPException): return None, {}
            finally: connection.close()

        def sign_in():
            body = {"username": "ada", "password": password, "device_name": "script"}
            status, answer = ask("POST", "/v1/sessions", json.dumps(body), {"Content-Type": "application/json"})
            assert status == 201, status
            return answer["refresh_token"]

        def renew(token, key):
            headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Idempotency-Key": key} if key else {})
            status, answer = ask("POST", "/oauth/token", urlencode({"grant_type": "refresh_token", "refresh_token": token}), headers)
            return status, answer.get("refresh_token")

        token, key = sign_in(), secrets.token_urlsafe(24)
        if habit == "stores-nothing":
            renew(token, key)
            renew(token, key)  # Killed before it had stored the answer: that may happen.
            renew(token, secrets.token_urlsafe(24))
        elif habit == "fresh-key":
            renew(token, key)
            renew(token, secrets.token_urlsafe(24))
        elif habit == "signs-in-on-trouble":
            renew(token, key)
            sign_in()
        elif habit == "no-key":
            renew(token, None)
            renew(token, None)
        elif habit == "one-key-for-ever":
            renew(renew(token, key)[1], key)
        elif habit == "token-in-url":
            ask("GET", "/v1/account?refresh_token=" + token)
        elif habit == "never-stops":
            ask("POST", "/oauth/revoke", urlencode({"token": token}), {"Content-Type": "application/x-www-form-urlencoded"})
            renew(token, key)
            renew(token, key)
        elif habit == "hurries":
            while renew(token, key)[0] != 200: pass
        elif habit == "well":
            while not (new := renew(token, key)[1]): time.sleep(1)
            assert renew(new, secrets.token_urlsafe(24))[0] == 200
        print("done")
        """
}
