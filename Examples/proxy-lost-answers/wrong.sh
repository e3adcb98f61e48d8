#!/bin/bash
# A client as one finds it in many apps: it believes that a renewal that failed is the end of the session.
# The password comes on standard input; SIGNET_SERVER is where the server is.
read -r password

sign_in() {
    curl -s "$SIGNET_SERVER/v1/sessions" -H 'Content-Type: application/json' \
        -d "{\"username\":\"ada\",\"password\":\"$password\",\"device_name\":\"curl\"}" | refresh_token
}

renew() {
    curl -s "$SIGNET_SERVER/oauth/token" -d grant_type=refresh_token -d "refresh_token=$1" | refresh_token
}

refresh_token() {
    sed -n 's/.*"refresh_token":"\([^"]*\)".*/\1/p'
}

token=$(sign_in)
for _ in 1 2 3 4; do
    next=$(renew "$token")
    [ -n "$next" ] || next=$(renew "$token") # the network, surely
    [ -n "$next" ] || next=$(sign_in)        # hopeless: ask for the password
    token=$next
done
