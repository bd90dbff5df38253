#!/bin/bash
# demo.sh start|stop - a gateway with a sample permit on 127.0.0.1:2222.
#
# Run by root, for trying Sekisho out. Makes its own people, keys and second
# factors beneath build/demo; no installed program knows of a demo. stop ends
# it and removes build/demo; the toolset image in build/cache stays.

cd "$(dirname "$0")/../.." || exit 1
source tests/demo/lib.sh

demo=$PWD/build/demo
port=2222

start()
{
	[[ $(id -u) == 0 ]] || refuse "the demo needs root; run: sudo make demo"
	tests/deps.sh demo || exit 1
	if demo_runs; then
		say "The demo is already running. To end it: sudo make demo-stop"
		print_ways
		return
	fi
	[[ -z $(port_taken) ]] ||
		refuse "port $port of 127.0.0.1 is in use by another program; end it and try again"
	say "Building the programs; the first time this takes some minutes ..."
	make -s -j"$(nproc)" all build/tool/generate ||
		refuse "the programs do not build; see above"
	[[ -e build/cache/analysis.erofs ]] ||
		say "Building the system image that sessions see; once, some minutes ..."
	build/bin/sekishoctl toolset build sandbox/toolset/analysis.yaml build/cache >/dev/null ||
		exit 1
	rm -rf --one-file-system "$demo"
	trap 'stop >/dev/null' EXIT
	make_folders
	make_policy
	say "Preparing the datasets and starting the gateway ..."
	make_datasets >"$demo/dataset.log" 2>&1 ||
		refuse "a dataset could not be prepared: $(tail -n 3 "$demo/dataset.log")"
	link_toolset
	start_gateway || refuse "the gateway did not start: $(tail -n 3 "$demo/sekishod.log")"
	enrol || refuse "second factors could not be enrolled: $(cat "$demo/enrol.log")"
	make_client
	trap - EXIT
	print_ways
}

stop()
{
	local pid

	[[ $(id -u) == 0 ]] ||
		refuse "ending the demo needs root; run: sudo make demo-stop"
	if demo_runs; then
		pid=$(cat "$demo/sekishod.pid")
		kill -TERM "$pid"
		for _ in {1..100}; do
			demo_runs || break
			sleep 0.1
		done
		! demo_runs || kill -KILL "$pid"
	fi
	rm -rf --one-file-system "$demo"
	say "The demo has ended."
}

case ${1-} in
start | stop) "$1" ;;
*) refuse "usage: demo.sh start|stop" ;;
esac
