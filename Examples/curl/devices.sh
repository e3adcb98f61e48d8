#!/bin/sh
# Devices and revocation with curl: each command, and what the server answers to it. Tokens are shortened in what is printed.
#
#     API_SECRET=… Examples/curl/devices.sh http://127.0.0.1:8080 ada notes-app-… notes-api-…
#
# The last two are the client_ids of an app that people sign in with and of the API that it calls:
#
#     signet client add "Notes app" --first-party --resource https://notes.example --scope "account notes:read"
#     signet client add "Notes API" --resource-server --resource https://notes.example
#
# API_SECRET is the API's client_secret; the password is read from standard input. It ends with a status other than 0 at the first step
# that does not do what it says.
set -eu

usage="usage: API_SECRET=… $0 URL NAME APP API, with the password on standard input"
signet=${1:?"$usage"} name=${2:?"$usage"} app=${3:?"$usage"} api=${4:?"$usage"}
secret=${API_SECRET:?"$usage"}
. "$(dirname "$0")/steps.sh"
read_password

# shortened: standard input without the middle of tokens, and without passwords and secrets.
shortened() {
    sed -e 's/\(eyJ[A-Za-z0-9_-]\{9\}\)[A-Za-z0-9._-]*\([A-Za-z0-9_-]\{6\}\)/\1…\2/g' \
        -e 's/\(sgr1_[A-Za-z0-9_-]\{7\}\)[A-Za-z0-9_-]*\([A-Za-z0-9_-]\{6\}\)/\1…\2/g' \
        -e 's/\(password\\*":\\*"\)[^,]*\(\\"[,}]\)/\1…\2/' -e 's/^\(user = "[^:]*:\).*"/\1…"/'
}

# step SENTENCE: what comes now.
step() {
    number=$((${number:-0} + 1))
    echo
    echo "$number. $1"
}

# ask STATUS METHOD PATH: a call with $options, which is shown. The answer's body is in $body afterwards.
ask() {
    echo "   $ curl -X $2 '$signet$3' \\"
    printf '%s\n' "$options" | shortened | sed -e 's/^\([a-z]*\) = /       --\1 /' -e '$!s/$/ \\/'
    body=$(printf '%s\n' "$options" | call "$@")
    echo "   < $1"
    [ -z "$body" ] || printf '%s\n' "$body" | shortened | sed 's/},{/},\n{/g' | sed 's/^/   < /'
}

# Who asks: a bearer of an access token, or the API itself.
bearer() {
    options="header = \"Authorization: Bearer $1\""
}
the_api() {
    options="user = $(quoted "$api:$secret")"
}

# also OPTION: one more line of options.
also() {
    options="$options
$1"
}

# call_with TOKEN STATUS METHOD PATH
call_with() {
    bearer "$1"
    shift
    ask "$@"
}

# sign_in DEVICE
sign_in() {
    json="{\"username\":\"$(escaped "$name")\",\"password\":\"$(escaped "$password")\",\"client_id\":\"$app\",\"device_name\":\"$1\"}"
    options='header = "Content-Type: application/json"'
    also "data = $(quoted "$json")"
    ask 201 POST /v1/sessions
}

# renew STATUS TOKEN
renew() {
    options="header = \"Idempotency-Key: $(new_key)\""
    also "data = \"grant_type=refresh_token&refresh_token=$2\""
    ask "$1" POST /oauth/token
}

# introspect TOKEN: what the API learns of it.
introspect() {
    the_api
    also "data = \"token=$1\""
    ask 200 POST /oauth/introspect
}

# read_feed POSITION: what was revoked after it; everything that still matters when it is empty.
read_feed() {
    the_api
    ask 200 GET "/v1/revocations?after=$1"
    position=$(printf '%s' "$body" | member position)
}

# last_event: what the last event of $body says. An API verifies its signature first, with the keys at /.well-known/jwks.json.
last_event() {
    payload=$(printf '%s' "$body" | sed -n 's/.*"\(eyJ[^"]*\)"\].*/\1/p' | cut -d. -f2 | tr '_-' '/+')
    while [ $((${#payload} % 4)) -ne 0 ]; do payload="$payload="; done
    event=$(printf '%s' "$payload" | base64 -d)
    echo "   The event says:"
    printf '%s\n' "$event" | sed 's/^/   /'
}

step "Sign in on the laptop"
sign_in laptop
laptop=$(printf '%s' "$body" | member access_token) laptop_refresh=$(printf '%s' "$body" | member refresh_token)

step "Sign in on the phone"
sign_in phone
phone=$(printf '%s' "$body" | member access_token) phone_refresh=$(printf '%s' "$body" | member refresh_token)
phone_session=$(printf '%s' "$body" | member session_id)

step "The laptop lists the devices"
call_with "$laptop" 200 GET /v1/sessions
printf '%s' "$body" | grep -q "$phone_session" || fail "the phone is not in the list"

step "The laptop gives the phone another name"
bearer "$laptop"
also 'header = "Content-Type: application/json"'
also 'data = "{\"device_name\":\"old phone\"}"'
ask 200 PATCH "/v1/sessions/$phone_session"
[ "$(printf '%s' "$body" | member device_name)" = "old phone" ] || fail "the phone has its old name"

step "The API asks whether the phone's access token is good"
introspect "$phone"
[ "$(printf '%s' "$body" | member sid)" = "$phone_session" ] || fail "the phone's access token is not active"

step "The API notes where the revocation feed ends"
read_feed ""

step "The laptop revokes the phone"
call_with "$laptop" 204 DELETE "/v1/sessions/$phone_session"

step "The phone can neither renew nor call"
renew 400 "$phone_refresh"
[ "$(printf '%s' "$body" | member reason)" = revoked_by_user ] || fail "the phone was told another reason"
introspect "$phone"
[ "$body" = '{"active":false}' ] || fail "the phone's access token is still active"

step "The feed tells every API"
read_feed "$position"
last_event
case $event in *"$phone_session"*session-revoked*) ;; *) fail "the feed does not tell of the phone" ;; esac

step "The laptop gives a single access token back"
options="data = \"token=$laptop\""
ask 200 POST /oauth/revoke
call_with "$laptop" 401 GET /v1/account

step "Its session lives on, and its next access token is good"
renew 200 "$laptop_refresh"
laptop=$(printf '%s' "$body" | member access_token) laptop_refresh=$(printf '%s' "$body" | member refresh_token)
call_with "$laptop" 200 GET /v1/account

step "The feed tells of that one token, by its jti"
read_feed "$position"
last_event
case $event in *token-revoked*) ;; *) fail "the feed does not tell of the token" ;; esac

step "Sign out everywhere"
call_with "$laptop" 204 DELETE "/v1/sessions?all=true"
renew 400 "$laptop_refresh"
[ "$(printf '%s' "$body" | member reason)" = signed_out ] || fail "the laptop lives on"

echo
echo "Every step did what it says."
