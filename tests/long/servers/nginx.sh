# A master, two workers and clients; its configuration read again under way; and its end.
mkdir -p nginx/www /var/lib/nginx /var/log/nginx
cat >nginx/conf <<C
user root;
worker_processes 2;
pid /tmp/nginx/pid;
error_log /tmp/nginx/errors warn;
events { worker_connections 64; }
http {
  access_log /tmp/nginx/accesses;
  server { listen 127.0.0.1:8080; root /tmp/nginx/www; gzip on; gzip_min_length 1; gzip_types *; sendfile on; }
}
C
echo hello >nginx/www/index.html
seq 1 200000 >nginx/www/big
sum=$(md5sum <nginx/www/big)
is_big() { [ "$(md5sum)" = "$sum" ] && echo whole; }
site=http://127.0.0.1:8080
nginx -c /tmp/nginx/conf
busybox wget -q -O - $site/
wget -q -O - $site/big | is_big
curl -s $site/big | is_big
curl -s --compressed $site/big | is_big
curl -s -r 10-19 $site/big
curl -s -o /dev/null -w '%{http_code}\n' $site/none
for i in 1 2 3 4; do curl -s --limit-rate 1M $site/big | is_big & done; wait
curl -s $site/ $site/ $site/
nginx -c /tmp/nginx/conf -s reload 2>&1 | sed 's/.*\[/[/; s/[0-9]*#[0-9]*/PID/'
sleep 1
pgrep -c nginx
curl -s $site/
nginx -c /tmp/nginx/conf -s quit 2>/dev/null
sleep 1
[ -e nginx/pid ] || echo gone
pgrep -c nginx
wc -l <nginx/accesses
cut -d' ' -f3,7- nginx/errors
