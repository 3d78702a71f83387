trap 'echo got term' TERM; kill -TERM $$; echo after
trap '' INT; kill -INT $$; echo ignored
trap - INT
trap 'echo usr1' USR1; (sleep 0.2; kill -USR1 $$) & wait; echo "interrupted by $(kill -l $(($? - 128)))"; wait
trap 'echo usr1 in a loop; stop=1' USR1; (sleep 0.2; kill -USR1 $$) & while [ -z "$stop" ]; do sleep 0.05; done; wait
(trap 'echo child bye' EXIT; exit 4); echo "child $?"
sh -c 'trap "echo caught; exit 9" TERM; kill $$; sleep 1; echo not here'; echo $?
(trap '' HUP; sh -c 'kill -HUP $$; echo inherits it') 
kill -0 $$ && echo alive
kill -0 999999 2>/dev/null || echo nobody
kill -l 15; kill -l TERM
sh -c 'kill -STOP $$; echo continued' & p=$!; sleep 0.3; kill -CONT $p; wait $p; echo "stopped and $?"
(set -e; trap 'echo "exit $?"' EXIT; false; echo unreachable); echo "failed $?"
