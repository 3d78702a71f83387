all="armhf armel i386 amd64 arm64 mipsel mips"
for a in $all; do /bin/$a/busybox uname -m | /bin/i386/busybox sed "s/^/$a: /"; done
seq=$(/bin/mips/busybox seq 100 | /bin/armhf/busybox sort -rn | /bin/amd64/busybox head -3 | /bin/arm64/busybox tr '\n' ' ' | /bin/mipsel/busybox cat)
echo "$seq"
for a in $all; do for b in $all; do
  # A child of another CPU dies of a signal, which the two number differently.
  /bin/$a/busybox ash -c "/bin/$b/busybox ash -c 'kill -USR1 \$\$'; kill -l \$((\$? - 128))"
  # Another program in the same process keeps what is ignored.
  /bin/$a/busybox ash -c "trap '' USR2; exec /bin/$b/busybox ash -c 'kill -USR2 \$\$; echo ignores; exit 4'" || echo $?
  # A parent of another CPU gets a signal.
  /bin/$a/busybox ash -c "trap 'echo handles' CHLD USR1; /bin/$b/busybox ash -c 'kill -USR1 \$PPID'; :"
  # A child of another CPU stops, goes on and is waited for.
  /bin/$a/busybox ash -c "/bin/$b/busybox ash -c 'kill -STOP \$\$; exit 5' & sleep 1; kill -CONT \$!; wait \$!; echo \$?"
done; done 2>/dev/null | sort | uniq -c | sed 's/^ *//'
exec /bin/amd64/busybox ash -c 'exec /bin/i386/busybox ash -c "exec /bin/mips/busybox ash -c \"echo the last; exit 3\""'
