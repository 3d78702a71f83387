for i in 1 2 3; do (sleep 0.$i; echo "done $i") & done; wait; echo all
sleep 0.1 & p=$!; wait $p; echo "waited $?"
(exit 7) & wait $!; echo "status $?"
(sleep 60) & p=$!; sleep 0.2; kill $p; wait $p; echo "killed $?"
sh -c 'kill -9 $$'; echo "nine $?"
sh -c 'kill -HUP $$; echo never'; echo "hup $?"
a=$(sleep 0.2; echo late) ; echo "$a"
(echo grandchild | (read x; echo "got $x"; exit 5)); echo $?
{ sleep 0.1; echo second; } & echo first; wait
wait; echo "nobody $?"
i=0; while [ $i -lt 20 ]; do (exit $i) & pids="$pids $!"; i=$((i + 1)); done
for p in $pids; do wait $p; echo -n "$? "; done; echo
exec sh -c 'echo "replaced"; exit 0'
