# A secure shell of a guest to itself: commands, their input and status, a command on a terminal, and a shell on one.
export HOME=/root
mkdir -p /root/.ssh
chmod 700 /root /root/.ssh
echo root:x:0:0:root:/root:/bin/sh >/etc/passwd
echo /bin/sh >/etc/shells
dropbearkey -t ed25519 -f host >/dev/null 2>&1
dropbearkey -t ed25519 -f /root/.ssh/id 2>/dev/null | grep ^ssh >/root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys
dropbear -r host -p 127.0.0.1:2222 -E -F 2>log &
sleep 1
echo "127.0.0.1 $(dropbearkey -y -f host | grep ^ssh | cut -d" " -f1,2)" >/root/.ssh/known_hosts
there="-i /root/.ssh/id -p 2222 root@127.0.0.1"
dbclient $there 'echo command; tty; exit 3' </dev/null 2>/dev/null; echo $?
echo input | dbclient $there 'cat; echo error >&2' 2>&1; echo $?
seq 1 50000 | dbclient $there cat | cmp - <(seq 1 50000) && echo whole
echo on a terminal
script -q -e -c "stty rows 30 cols 90; dbclient -t $there 'tty >/dev/null && stty size; echo command; exit 4'" ts </dev/null | tr -d '\000\r' | sed 's/\^@//'
tail -1 ts | tr -d '\000' | grep -o 'EXIT_CODE="."'
echo a shell
(sleep 2; echo 'echo $((6*7)); sleep 100'; sleep 2; printf '\003'; sleep 1; echo 'exit 5'; sleep 4) |
  script -q -e -c "dbclient -t $there" ts | tr -d '\000\r' | sed 's/\^@//'
tail -1 ts | tr -d '\000' | grep -o 'EXIT_CODE="."'
kill %1; wait
grep -c 'Exited normally' log
