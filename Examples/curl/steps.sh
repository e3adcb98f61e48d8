# What the scripts beside this file share: calls with curl that must have the expected status, and a reader for their answers.
# $signet is the server's address, $name the user's name.

script=$(basename "$0" .sh)

fail() {
    echo "$script: $*" >&2
    exit 1
}

# read_password: into $password, from the terminal without showing it, or from standard input.
read_password() {
    [ -t 0 ] && { printf 'Password: ' >&2; stty -echo; trap 'stty echo' EXIT; }
    IFS= read -r password
    [ -t 0 ] && { stty echo; trap - EXIT; echo >&2; }
    return 0
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

# new_key: an idempotency key. It belongs to the token: make it once, keep it, and send it with every try.
new_key() {
    od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'
}
