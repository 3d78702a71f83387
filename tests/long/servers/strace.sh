# A guest's own strace, which traces other guests.
strace -f -e trace=clone,fork,vfork,wait4,exit_group,kill,write -o /tmp/trace \
  busybox ash -c 'busybox sleep 9 & kill $!; wait; echo traced'
grep -c 'exited with 0 +++' /tmp/trace
grep -o 'killed by SIGTERM +++' /tmp/trace
grep -o 'write(1, "traced\\n", 7) *= 7' /tmp/trace
strace -c -o /tmp/counts busybox true && grep -c total /tmp/counts
sleep 100 &
strace -p $! -o /tmp/attached & tracer=$!
sleep 1; kill %1; wait $tracer
grep -o 'killed by SIGTERM +++' /tmp/attached
