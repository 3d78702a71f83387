mkfifo f
(echo one; echo two) > f & while read l; do echo "got $l"; done < f; wait
cat f | tr a-z A-Z & echo three > f; wait
cat < f > copy & seq 30000 > f; wait; tail -1 copy; wc -c < copy | tr -d ' '
mkfifo back
(while read n; do echo $((n * n)); done) < f > back &
exec 3> f 4< back
for n in 2 3 4; do echo $n >&3; read r <&4; echo "$n squared: $r"; done
exec 3>&- 4<&-; wait; echo ended
exec 5<> f; echo both ways >&5; read x <&5; echo "$x"; exec 5<&-
test -p f && echo "a fifo"
(trap 'exit 0' TERM; : < f) & p=$!; sleep 0.2; kill $p; wait $p; echo "an opener is interrupted: $?"
timeout 1 sh -c 'echo x > f' ; echo "nobody reads: $?"
