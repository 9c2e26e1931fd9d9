#!/bin/sh
# Makes the certificates of test_tls.py again, with openssl. They protect nothing.
set -eu
cd "$(dirname "$0")"
rm -f ./*.crt ./*.key

authority() { # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 \
        -subj "/CN=$1" -keyout "$1-ca.key" -out "$1-ca.crt" 2>/dev/null
}

issue() { # AUTHORITY NAME HOST FROM UNTIL
    work=$(mktemp -d)
    touch "$work/index"
    echo "subjectAltName=IP:$3,DNS:$2.test" >"$work/extensions"
    printf '%s\n' '[ca]' 'default_ca=ours' '[ours]' "database=$work/index" \
        "new_certs_dir=$work" 'rand_serial=yes' 'default_md=sha256' 'policy=any' \
        '[any]' 'commonName=supplied' >"$work/config"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
        -keyout "$2.key" -out "$work/request" 2>/dev/null
    openssl ca -batch -notext -config "$work/config" -extfile "$work/extensions" \
        -cert "$1-ca.crt" -keyfile "$1-ca.key" -startdate "$4" -enddate "$5" \
        -in "$work/request" -out "$2.crt" 2>/dev/null
    rm -r "$work"
}

authority ours
authority theirs
issue ours a 127.0.0.1 20200101000000Z 21200101000000Z
issue ours b 127.0.0.1 20200101000000Z 21200101000000Z
issue ours elsewhere 10.1.2.3 20200101000000Z 21200101000000Z
issue ours expired 127.0.0.1 20200101000000Z 20210101000000Z
issue theirs stranger 127.0.0.1 20200101000000Z 21200101000000Z
rm ours-ca.key theirs-ca.key theirs-ca.crt
