# A server with threads and children that save, clients, a subscriber, and what measures it.
redis-server --bind 127.0.0.1 --port 7000 --dir /tmp --save '' --appendonly yes >log &
server=$!
cli="redis-cli -p 7000"
until [ "$($cli ping 2>/dev/null)" = PONG ]; do sleep 0.1; done
$cli set a b
$cli get a
$cli incr n
seq 1 2000 | sed 's/.*/set key:& value:&/' | $cli | sort | uniq -c
$cli dbsize
$cli subscribe news >heard 2>/dev/null &
sleep 0.5
$cli publish news hello
$cli bgsave
sleep 2
$cli bgrewriteaof
sleep 2
grep -o -e 'DB saved on disk' -e 'Background saving terminated.*' -e 'Background AOF rewrite finished.*' log
$cli eval 'return redis.call("get", KEYS[1])' 1 a
$cli --pipe <<<'SET piped yes'$'\r'
$cli blpop list 1
(sleep 1; $cli rpush list thing >/dev/null) &
$cli blpop list 10
redis-benchmark -p 7000 -n 1000 -c 10 -q -t ping,set,get,lpush,lrange_100 | tr '\r' '\n' | grep -c 'requests per second'
$cli shutdown
wait $server; echo $?
cat heard
ls *.rdb appendonlydir | sed 's/[0-9]/N/'
redis-server --bind 127.0.0.1 --port 7000 --dir /tmp --save '' --appendonly yes >log &
server=$!
until [ "$($cli ping 2>/dev/null)" = PONG ]; do sleep 0.1; done
$cli get key:77
$cli shutdown
wait $server; echo $?
