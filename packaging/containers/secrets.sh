#!/bin/sh
# The passwords of compose.yaml, made once: nothing that is there already is changed.
set -eu
cd "$(dirname "$0")"; umask 077; mkdir -p secrets
word() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
[ -s secrets/database-password ] || word >secrets/database-password
if [ ! -s secrets/nats-server ]; then
  password=$(word)
  echo "server:$password" >secrets/nats-server
  echo "{ user: server, password: \"$password\" }" >secrets/nats-users
fi
