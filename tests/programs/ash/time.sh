start=$(date +%s)
sleep 3600
echo "slept $(($(date +%s) - start >= 3600))"
timeout 1 sleep 100; echo "timeout $?"
timeout 1 sh -c 'while :; do :; done'; echo "busy $?"
(sleep 86400; echo tomorrow) & (sleep 43200; echo noon) & wait
for i in 1 2 3 4 5; do usleep 100000; done; echo "half a second"
date -u -d @0 +%Y
