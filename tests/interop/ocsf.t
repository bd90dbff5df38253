#!/bin/bash
# ocsf - every event of the table, as a SIEM is given it, has what version
# 1.6.0 of the schema requires of its class. Read with jq; the requirements are
# those of https://schema.ocsf.io/1.6.0/ (events/*.json and objects/*.json).
cd "$(dirname "$0")/../.." || exit 1
source tests/lib.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

build/tests/interop/write_events "$folder" >"$folder/events" || exit 1
build/bin/sekishoctl audit ocsf --log "$folder/log" >"$folder/ocsf" &&
	pass "a log of all events is mapped" || fail "a log of all events is mapped"

# none_left SENTENCE FILTER: the filter of jq finds nothing in any line
none_left()
{
	jq -r "$2" "$folder/ocsf" 2>&1 | none "$1"
}

[[ $(wc -l <"$folder/ocsf") == $((1 + 3 * $(wc -l <"$folder/events"))) ]] &&
	pass "each record is one line" || fail "each record is one line"
comm -23 <(sort "$folder/events") \
	<(jq -r .metadata.event_code "$folder/ocsf" | sort -u) | none "no event is missing"
none_left "no event is without a class of its own (audit/ocsf.def)" \
	'select(.class_uid == 0) | .metadata.event_code'
none_left "every event has what each class requires" '
	. as $e | .metadata.event_code as $name |
	{ time: (.time | type == "number" and . > 1e12 and . < 1e13),
	  class: (.class_uid | type == "number"),
	  category: (.category_uid == (.class_uid / 1000 | floor)),
	  type: (.type_uid == .class_uid * 100 + .activity_id),
	  severity: (.severity_id | IN(1, 2, 3, 4)),
	  status: (.status_id == (if .unmapped.result == "ok" then 1 else 2 end)),
	  version: (.metadata.version == "1.6.0"),
	  product: (.metadata.product | (.name | type == "string") and (.vendor_name | type == "string"))
	} | to_entries[] | select(.value | not) | "\($name): \(.key)"'

# Of each class: the requirement as jq, and the activities that it has
none_left "every event has what its own class requires" '
	def text: type == "string" and length > 0;
	def endpoint: (.ip // .name) | text;
	def actor: .actor.user.uid | text;
	def device: .device | (.name | text) and .type_id == 1;
	def file: .file | (.name | text) and (.type_id | type == "number");
	{ "1001": [(actor and device and file), [range(1; 15)]],
	  "1003": [(actor and device and (.kernel | (.name? | text) and .type_id? == 2)), [1, 2, 3, 4]],
	  "1007": [(actor and device and (.process | (.pid? | type == "number") or (.uid? | text))), [1, 2, 3, 4, 5]],
	  "1008": [(actor and device and (.log_name | text)), [range(1; 11)]],
	  "3002": [((.user.uid? | text) and (.service.name? | text)), [range(1; 8)]],
	  "3003": [((.user.uid? | text) and (.privileges | type == "array" and length > 0) and (has("group") | not)), [1, 2]],
	  "6002": [(.app.name? | text), [range(1; 9)]],
	  "6003": [(actor and (.api.operation? | text) and (.src_endpoint | endpoint)), [1, 2, 3, 4]],
	  "6006": [(actor and file and (.src_endpoint | endpoint)), [range(1; 18)]]
	} as $classes | $classes[.class_uid | tostring] as $class |
	select($class == null or ($class[0] | not) or
		(.activity_id as $a | ($class[1] + [99]) | index($a) | not)) |
	"\(.metadata.event_code): \(.class_uid) \(.activity_id)"'
none_left "and who, when and the record itself" '
	select(.actor.user.uid != .unmapped.actor or .time != (.unmapped._t / 1000 | floor) or
		.metadata.sequence != .unmapped._i) | .metadata.event_code'
cmp -s <(jq -cS .unmapped "$folder/ocsf") "$folder/log/seg/00000000000000000000.jsonl" &&
	pass "unmapped is the record, byte for byte" || fail "unmapped is the record, byte for byte"

mapped()
{
	[[ $(jq -r "select(.metadata.event_code == \"$1\") | .type_uid" "$folder/ocsf" | sort -u) == "$2" ]]
}
while read -r event type; do
	holds "$event is $type" mapped "$event" "$type"
done <<-END
auth.login 300201
auth.end 300202
session.open 300301
exec 100701
data.open 100114
tripwire 100304
files.read 600602
request.submit 600301
release.open 600612
audit.read 600302
END
[[ $(build/bin/sekishoctl audit ocsf --event tripwire --result deny --index "$folder/index" \
	--log "$folder/log" | jq -r '"\(.severity_id) \(.kernel.name)"') == '4 a "call" \' ]] &&
	pass "a search narrows what is exported" || fail "a search narrows what is exported"
tap_done
