#!/bin/bash
# The same client done right: a key for each token, written down before it is used, and only invalid_grant ends the session.
# The password comes on standard input; SIGNET_SERVER is where the server is, and the session is kept in the file that is named.
read -r password
session=$1
umask 077

sign_in() {
    curl -s "$SIGNET_SERVER/v1/sessions" -H 'Content-Type: application/json' \
        -d "{\"username\":\"ada\",\"password\":\"$password\",\"device_name\":\"curl\"}" | refresh_token
}

renew() {
    curl -s "$SIGNET_SERVER/oauth/token" -H "Idempotency-Key: $2" -d grant_type=refresh_token -d "refresh_token=$1"
}

refresh_token() {
    sed -n 's/.*"refresh_token":"\([^"]*\)".*/\1/p'
}

# The token and the key with which it will be renewed: on the disk as one, and before either is used.
keep() {
    printf '%s %s\n' "$1" "$(od -An -N16 -tx1 /dev/urandom | tr -d ' ')" >"$session.new"
    sync "$session.new"
    mv "$session.new" "$session"
}

keep "$(sign_in)"
for _ in 1 2 3 4; do
    read -r token key <"$session"
    while answer=$(renew "$token" "$key"); next=$(refresh_token <<<"$answer"); [ -z "$next" ]; do
        # This alone says that the session is over.
        if [[ $answer == '{"error":"invalid_grant"'* ]]; then rm "$session"; exit 1; fi
        sleep 1
    done
    keep "$next"
done
