#!/bin/bash
# An interactive shell: prompt, resize, job control, at 80 and 200 columns.
source "$(dirname "$0")/lib.sh"
story

socket=$tree/tmux
pane()
{
	tmux -S "$socket" "$@"
}

screen()
{
	pane capture-pane -p -t visit
}

# expect_screen EXPRESSION: within ten seconds the screen shows it
expect_screen()
{
	for _ in {1..50}; do
		if screen | grep -qE -- "$1"; then
			pass "the screen shows '$1'"
			return
		fi
		sleep 0.2
	done
	fail "the screen shows '$1'" "$(screen)"
}

type_line()
{
	pane send-keys -t visit -l "$1"
	pane send-keys -t visit Enter
}

for columns in 80 200; do
	expect_audit_from_here
	pane -f /dev/null new-session -d -s visit -x "$columns" -y 24 \
		"CODES=$tree/codes/hanako SSH_ASKPASS=$tree/askpass SSH_ASKPASS_REQUIRE=force ssh -F $tree/ssh_config researcher; sleep 60"
	expect_screen '[$#] *$'
	type_line 'stty size; echo TERM=$TERM'
	expect_screen "^24 $columns"
	type_line 'sleep 100'
	sleep 0.5
	pane send-keys -t visit C-z
	expect_screen 'Stopped'
	type_line 'bg; jobs'
	expect_screen 'Running'
	type_line 'fg'
	sleep 0.3
	pane send-keys -t visit C-c
	type_line 'echo "after" "fg"'
	expect_screen '^after fg'
	type_line 'clear; less /data/D-1/people.csv'
	expect_screen ',40,f,1$'
	# less shows its page a moment before it takes a key
	for _ in {1..10}; do
		pane send-keys -t visit q
		sleep 0.7
		screen | grep -v '^ *$' | tail -n 1 | grep -qE '[$#] *q*$' && break
	done
	pane send-keys -t visit C-u
	pane resize-window -t visit -x $((columns - 10)) -y 30
	sleep 0.5
	type_line 'clear; stty size'
	expect_screen "^30 $((columns - 10))"
	type_line 'echo 日本語 | rev'
	expect_screen '語本日'
	type_line 'exit 3'
	expect_audit 'session.exit status=3'
	expect_audit 'session.close'
	pane kill-server
	sleep 0.5
done

verify_log
story_done
