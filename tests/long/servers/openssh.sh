# Another, whose server puts off its privileges and keeps one process for them.
export HOME=/root
mkdir -p /root/.ssh /run/sshd /etc/ssh
chmod 700 /root /root/.ssh
chmod 755 / /run /run/sshd
printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n' >/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >/etc/group
ssh-keygen -q -t ed25519 -N '' -f /tmp/host
ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
cp /root/.ssh/id_ed25519.pub /root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys
printf 'HostKey /tmp/host\nPort 2022\nListenAddress 127.0.0.1\nPidFile none\nKexAlgorithms curve25519-sha256\nUsePAM no\nStrictModes no\nSubsystem sftp internal-sftp\n' >conf
/usr/sbin/sshd -f conf -D -E log &
sleep 1
echo "[127.0.0.1]:2022 $(cut -d' ' -f1,2 host.pub)" >/root/.ssh/known_hosts
there="-p 2022 root@127.0.0.1"
ssh $there 'echo command; exit 3' </dev/null; echo $?
seq 1 50000 | ssh $there cat | cmp - <(seq 1 50000) && echo whole
ssh -tt $there 'tty >/dev/null && echo on a terminal; exit 4' </dev/null 2>/dev/null | tr -d '\r'; echo ${PIPESTATUS[0]}
seq 1 1000 >file
scp -q -P 2022 file root@127.0.0.1:/tmp/copied && cmp file copied && echo copied
ssh -f -N -L 127.0.0.1:9000:127.0.0.1:9001 -o ExitOnForwardFailure=yes $there
(echo through a tunnel | busybox nc -l -p 9001) &
sleep 1
busybox nc 127.0.0.1 9000 </dev/null
kill %1
