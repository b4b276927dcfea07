package passport

import "strings"

// CheckAction reports what is wrong with the name of an action, as a request
// or an intent names it: lower-case segments of [a-z0-9_-] joined by '.' or
// ':'. An action is at most 256 bytes.
func CheckAction(action string) error {
	if len(action) == 0 || len(action) > maxAction {
		return invalid("", "an action has 1 to %d bytes, this one %d", maxAction, len(action))
	}
	segment := 0
	for _, c := range action {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '-':
			segment++
		case c == '.' || c == ':':
			if segment == 0 {
				return invalid("", "action %.80q has an empty segment", action)
			}
			segment = 0
		case c == '*':
			return invalid("", "in %.80q '*' is not the whole last segment of a pattern", action)
		default:
			return invalid("", "action %.80q has %q, want segments of a-z 0-9 _ - joined by '.' or ':'", action, c)
		}
	}
	if segment == 0 {
		return invalid("", "action %.80q ends with a separator", action)
	}
	return nil
}

// maxAction is the longest action or pattern, in bytes.
const maxAction = 256

// CheckActionPattern reports what is wrong with an entry of an allow-list: an
// action, or one whose last segment is "*". The bare "*" is not such an entry: it
// may be in deniedActions only. A pattern is at most 256 bytes.
func CheckActionPattern(pattern string) error {
	if rest, ok := cutWildcard(pattern); ok {
		if rest == "" {
			return invalid("", "the pattern \"*\" allows everything, which only deniedActions may say")
		}
		if len(pattern) > maxAction {
			return invalid("", "a pattern has at most %d bytes, this one %d", maxAction, len(pattern))
		}
		return CheckAction(rest[:len(rest)-1])
	}
	return CheckAction(pattern)
}

// cutWildcard returns what stands before a whole last segment "*": the prefix
// with its separator, or "" for the bare "*".
func cutWildcard(pattern string) (prefix string, ok bool) {
	prefix, ok = strings.CutSuffix(pattern, "*")
	if !ok || prefix != "" && prefix[len(prefix)-1] != '.' && prefix[len(prefix)-1] != ':' {
		return "", false
	}
	return prefix, true
}

// ActionCovers reports whether an entry covers an action, or every action that
// another entry covers. "payments.*" covers "payments.charge",
// "payments.charge.card" and "payments.charge.*", but not "payments" nor
// "payments:charge". The comparison is exact per segment. The bare "*" of
// deniedActions covers every action. Both must have the form that
// [CheckActionPattern] and [CheckAction] demand; what has not is compared as
// text.
func ActionCovers(pattern, action string) bool {
	if pattern == action {
		return true
	}
	prefix, ok := cutWildcard(pattern)
	return ok && len(action) > len(prefix) && strings.HasPrefix(action, prefix)
}
