set -o pipefail
x=$(for i in 1 2 3; do echo $i; done | tac | tr '\n' ' '); echo "$x"
same() { [ "$(cat "$1")" = "$(cat "$2")" ]; }
same <(seq 3) <(seq 4); echo "the same: $?"
coproc ECHO { while read -r line; do echo "coprocess: $line"; done; }
pid=$ECHO_PID; echo hi >&"${ECHO[1]}"; read -r reply <&"${ECHO[0]}"; echo "$reply"
exec {ECHO[1]}>&-; wait "$pid"; echo "coprocess ended: $?"
for i in 1 2 3 4; do (sleep 0.$i; exit $i) & pids+=($!); done
for p in "${pids[@]}"; do wait "$p"; echo "waited $?"; done
(sleep 0.2; exit 9) & (exit 8) & wait -n; echo "the first: $?"; wait -n; echo "the next: $?"; wait -n; echo "none: $?"
yes | head -2; echo "${PIPESTATUS[@]}"
(bash -c 'kill -9 $$'; exit $?) 2>/dev/null; echo "nine $?"
(trap '' INT; kill -INT $BASHPID; echo alive)
trap 'echo usr1' USR1; (sleep 0.2; kill -USR1 $$) & wait; echo "interrupted by $(kill -l $?)"; wait
echo abc | tee >(tr a-z A-Z > up; echo > done) | cat; while ! [ -e done ]; do sleep 0.05; done; cat up
time=$( { TIMEFORMAT=%0R; time sleep 0.1; } 2>&1 ); echo "took $time"
timeout 0.2 bash -c 'while :; do :; done'; echo "timeout $?"
timeout 1 sleep 60; echo "timeout $?"
