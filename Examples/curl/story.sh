#!/bin/sh
# The whole story with curl: sign in, call, renew, lose an answer, list the devices, and catch a thief.
#
#     Examples/curl/story.sh http://127.0.0.1:8080 ada      # the password is read from standard input
#
# It ends with a status other than 0 at the first step that does not do what it says.
set -eu

signet=${1:?"usage: $0 URL NAME, with the password on standard input"}
name=${2:?"usage: $0 URL NAME, with the password on standard input"}
[ -t 0 ] && { printf 'Password: ' >&2; stty -echo; trap 'stty echo' EXIT; }
IFS= read -r password
[ -t 0 ] && { stty echo; trap - EXIT; echo >&2; }

fail() {
    echo "story: $*" >&2
    exit 1
}

# call STATUS METHOD PATH [CURL OPTION]...: the answer's body, if its status is the expected one. What curl reads from standard input are
# options too: secrets stand there and not in arguments, which everybody on the machine can see.
call() {
    expected=$1 method=$2 path=$3
    shift 3
    answer=$(curl --silent --show-error --max-time 20 --request "$method" --write-out '\n%{http_code}' --config - "$@" "$signet$path")
    [ "$(printf '%s\n' "$answer" | tail -n 1)" = "$expected" ] ||
        fail "$method $path: expected status $expected, got $(printf '%s\n' "$answer" | tail -n 1)"
    printf '%s\n' "$answer" | sed '$d'
}

# member NAME: a string member of the JSON on standard input; enough for Signet's answers, whose strings hold no quotes.
member() {
    tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"
}

# quoted TEXT: as a value in curl's options.
quoted() {
    printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

# escaped TEXT: as a string in JSON.
escaped() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

sign_in() {
    body="{\"username\":\"$(escaped "$name")\",\"password\":\"$(escaped "$password")\",\"device_name\":\"curl\"}"
    printf 'header = "Content-Type: application/json"\ndata = %s\n' "$(quoted "$body")" | call 201 POST /v1/sessions
}

# with TOKEN STATUS METHOD PATH: a call with an access token.
with() {
    printf 'header = "Authorization: Bearer %s"\n' "$1" | { shift && call "$@"; }
}

# renew STATUS TOKEN KEY: a renewal. The key belongs to the token: make it once, keep it, and send it with every try.
renew() {
    printf 'header = "Idempotency-Key: %s"\ndata = "grant_type=refresh_token&refresh_token=%s"\n' "$3" "$2" |
        call "$1" POST /oauth/token
}

new_key() {
    od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'
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
