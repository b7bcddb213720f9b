#!/bin/sh
# The passwords of compose.yaml, made once: nothing that is there already is changed. As root, who gives the server its files.
set -eu
cd "$(dirname "$0")"; umask 077; mkdir -p secrets
server=4567 # The user of Containerfile. Files of compose are the machine's own, with their owner and mode.
word() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
[ -s secrets/database-password ] || word >secrets/database-password
if [ ! -s secrets/nats-server ]; then
  password=$(word)
  echo "server:$password" >secrets/nats-server
  echo "authorization { users: [ { user: server, password: \"$password\" } ] }" >secrets/nats-users
fi
chown "$server" secrets/database-password secrets/nats-server
