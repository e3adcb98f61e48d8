#!/bin/sh
# The whole story with curl: sign in, call, renew, lose an answer, list the devices, and catch a thief.
#
#     Examples/curl/story.sh http://127.0.0.1:8080 ada      # the password is read from standard input
#
# It ends with a status other than 0 at the first step that does not do what it says.
set -eu

signet=${1:?"usage: $0 URL NAME, with the password on standard input"}
name=${2:?"usage: $0 URL NAME, with the password on standard input"}
. "$(dirname "$0")/steps.sh"
read_password

sign_in() {
    body="{\"username\":\"$(escaped "$name")\",\"password\":\"$(escaped "$password")\",\"device_name\":\"curl\"}"
    printf 'header = "Content-Type: application/json"\ndata = %s\n' "$(quoted "$body")" | call 201 POST /v1/sessions
}

# with TOKEN STATUS METHOD PATH: a call with an access token.
with() {
    printf 'header = "Authorization: Bearer %s"\n' "$1" | { shift && call "$@"; }
}

# renew STATUS TOKEN KEY: a renewal.
renew() {
    printf 'header = "Idempotency-Key: %s"\ndata = "grant_type=refresh_token&refresh_token=%s"\n' "$3" "$2" |
        call "$1" POST /oauth/token
}

echo "1. Sign in"
answer=$(sign_in)
access=$(printf '%s' "$answer" | member access_token)
first=$(printf '%s' "$answer" | member refresh_token)
session=$(printf '%s' "$answer" | member session_id)
[ -n "$access" ] && [ -n "$first" ] && [ -n "$session" ] || fail "the answer holds no tokens"

echo "2. Call"
with "$access" 200 GET /v1/account >/dev/null
printf '' | call 401 GET /v1/account >/dev/null

echo "3. Renew"
key=$(new_key)
second=$(renew 200 "$first" "$key" | member refresh_token)
[ "$second" != "$first" ] || fail "the refresh token was not rotated"

echo "4. Suppose that the answer was lost: the same key brings the same successor"
answer=$(renew 200 "$first" "$key")
[ "$(printf '%s' "$answer" | member refresh_token)" = "$second" ] || fail "the token has two successors"
access=$(printf '%s' "$answer" | member access_token)

echo "5. The devices"
with "$access" 200 GET /v1/sessions | grep -q "$session" || fail "this device is not in the list"

echo "6. A thief presents the first token, which has been spent twice over"
third=$(renew 200 "$second" "$(new_key)" | member refresh_token)
[ "$(renew 400 "$first" "$(new_key)" | member reason)" = reused ] || fail "the reuse was not noticed"

echo "7. The session is revoked"
[ "$(renew 400 "$third" "$(new_key)" | member error)" = invalid_grant ] || fail "the session lives on"
with "$access" 401 GET /v1/account >/dev/null

echo "8. Sign in again, and sign out"
answer=$(sign_in)
access=$(printf '%s' "$answer" | member access_token)
with "$access" 204 DELETE "/v1/sessions/$(printf '%s' "$answer" | member session_id)"
with "$access" 401 GET /v1/account >/dev/null
echo "The story is told; every step did what it says."
