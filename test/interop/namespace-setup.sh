#!/bin/sh
# Runs inside a fresh network and mount namespace: NAMESPACE-FOLDER COMMAND…
# Loopback for the lab; for clients that want a real interface one with an address and a default route; the lab's DNS for names.
set -eu
PATH=$PATH:/usr/sbin:/sbin
folder=$1
shift
ip link set lo up
ip link add client0 type veth peer name client1
ip address add 10.99.0.2/24 dev client0
ip link set client0 up
ip link set client1 up
ip route add default via 10.99.0.1
for file in resolv.conf hosts nsswitch.conf; do
  if [ -e "/etc/$file" ]; then mount --bind "$folder/$file" "/etc/$file"; fi
done
exec "$@"
