package passport

import (
	"encoding/hex"
	"strings"
)

// ActionFromName returns the action for a name that another system gave to a
// tool, a skill or a method: "getWeather", "files/read". Different names have
// different actions, and [NameFromAction] finds the name again. It fails for
// the empty name, and for one whose action would have more than 256 bytes:
// nothing is ever cut off.
//
// The action is one segment. With a prefix of the host's own, such as "mcp.",
// it can be no action that the host did not mean, whatever the tool is called,
// and "mcp.*" covers exactly the tools. Lower-case letters, digits, '_' and
// single hyphens stay as they are, so that "get_weather" and "get-weather" are
// their own actions. A capital is "--" and its small letter ("get--weather").
// Every other byte, and a hyphen before any of these, is "--0" and two
// hexadecimal digits ("files--02fread").
func ActionFromName(name string) (string, error) {
	if name == "" {
		return "", invalid("", "the empty name has no action")
	}
	out := make([]byte, 0, len(name)+8)
	for i := 0; i < len(name) && len(out) <= maxAction; i++ {
		switch c := name[i]; {
		case isPlainInName(c), c == '-' && (i+1 == len(name) || isPlainInName(name[i+1])):
			out = append(out, c)
		case 'A' <= c && c <= 'Z':
			out = append(out, '-', '-', c-'A'+'a')
		default:
			out = hex.AppendEncode(append(out, "--0"...), []byte{c})
		}
	}
	if len(out) > maxAction {
		return "", invalid("", "the action of the name %.80q has more than %d bytes", name, maxAction)
	}
	return string(out), nil
}

// NameFromAction returns the name whose action this is by [ActionFromName]; it
// fails if there is none. A prefix of the host's own must be cut off before.
func NameFromAction(action string) (string, error) {
	none := invalid("", "%.80q is not the action of a name", action)
	var out []byte
	for rest := action; rest != ""; {
		escape, escaped := strings.CutPrefix(rest, "--")
		switch {
		case !escaped:
			out, rest = append(out, rest[0]), rest[1:]
		case len(escape) >= 1 && 'a' <= escape[0] && escape[0] <= 'z':
			out, rest = append(out, escape[0]-'a'+'A'), escape[1:]
		case len(escape) >= 3 && escape[0] == '0':
			b, err := hex.DecodeString(escape[1:3])
			if err != nil {
				return "", none
			}
			out, rest = append(out, b...), escape[3:]
		default:
			return "", none
		}
	}
	// One spelling: what would be written otherwise is not an action of a name.
	if back, err := ActionFromName(string(out)); err != nil || back != action {
		return "", none
	}
	return string(out), nil
}

func isPlainInName(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' }
