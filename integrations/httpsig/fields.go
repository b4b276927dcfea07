package verifyhttpsig

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The spelling that RFC 9651 gives each thing. Strings have no escapes here.
var (
	member     = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=((?:[^",]|"[^"\\]*")*)$`)
	component  = regexp.MustCompile(`^"(@?[a-z0-9!#$%&'*+.^_|~-]+)"(?:;key="([a-z*][a-z0-9_.*-]*)")?(;req)?$`)
	parameter  = regexp.MustCompile(`^;([a-z]+)=(?:([0-9]{1,15})|"([ !#-\[\]-~]*)")`)
	errSpelled = errors.New("it is not spelled as RFC 9651 has it")
)

// members reads a dictionary whose members all have values. No fields, none.
func members(lines []string) (map[string]string, error) {
	found := map[string]string{}
	for _, line := range lines {
		for _, part := range split(line) {
			m := member.FindStringSubmatch(strings.Trim(part, " \t"))
			if m == nil {
				return nil, errSpelled
			}
			if _, twice := found[m[1]]; twice {
				return nil, fmt.Errorf("the member %s is there twice", m[1])
			}
			found[m[1]] = m[2]
		}
	}
	return found, nil
}

// split cuts at commas outside of strings.
func split(line string) (parts []string) {
	from, quoted := 0, false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ',' && !quoted:
			parts = append(parts, line[from:i])
			from = i + 1
		}
	}
	return append(parts, line[from:])
}

// parseInput reads one member of Signature-Input.
func parseInput(label, input string) (*Signature, error) {
	s := &Signature{Label: label}
	end := strings.IndexByte(input, ')')
	if end < 1 || input[0] != '(' {
		return nil, errSpelled
	}
	seen := map[string]bool{}
	if list := input[1:end]; list != "" {
		for item := range strings.SplitSeq(list, " ") {
			if !component.MatchString(item) {
				return nil, fmt.Errorf("the component %.80q is not one that is read here", item)
			}
			if seen[item] {
				return nil, fmt.Errorf("the component %s is there twice", item)
			}
			seen[item] = true
			s.Components = append(s.Components, item)
		}
	}
	for rest := input[end+1:]; rest != ""; {
		m := parameter.FindStringSubmatch(rest)
		if m == nil || seen[m[1]] {
			return nil, errSpelled
		}
		seen[m[1]] = true // no component is named so: those are quoted
		if err := s.set(m[1], m[2], m[3]); err != nil {
			return nil, err
		}
		rest = rest[len(m[0]):]
	}
	return s, nil
}

func (s *Signature) set(name, number, text string) error {
	isTime := name == "created" || name == "expires"
	if isTime != (number != "") {
		return fmt.Errorf("the parameter %s has a value of another type", name)
	}
	switch name {
	case "created", "expires":
		seconds, err := strconv.ParseInt(number, 10, 64)
		if err != nil || strconv.FormatInt(seconds, 10) != number {
			return errSpelled
		}
		to := &s.Created
		if name == "expires" {
			to = &s.Expires
		}
		*to = time.Unix(seconds, 0).UTC()
	case "nonce":
		s.Nonce = text
	case "keyid":
		s.KeyID = text
	case "tag":
		s.Tag = text
	case "alg":
		if s.Algorithm = text; text != "ed25519" {
			return fmt.Errorf("the algorithm is %.40q, want ed25519", text)
		}
	default:
		return fmt.Errorf("the parameter %.40q is not one that is read here", name)
	}
	return nil
}

// Base returns the signature base of RFC 9421 for one signature of a request, by its
// label: the text that is signed. It proves nothing, and is for finding out why a
// signature does not hold.
func Base(r *http.Request, label string) (string, error) {
	inputs, err := members(r.Header.Values("Signature-Input"))
	if err != nil {
		return "", err
	}
	input, ok := inputs[label]
	if !ok {
		return "", ErrMissing
	}
	s, err := parseInput(label, input)
	if err != nil {
		return "", err
	}
	return baseOf(s, input, request{r, ""}.value)
}

// valuer finds the value of a component; ofRequest, of an answer, that of what was asked.
type valuer func(name, key string, ofRequest bool) (string, error)

// baseOf makes the signature base of RFC 9421, section 2.5.
func baseOf(s *Signature, input string, value valuer) (string, error) {
	var b strings.Builder
	for _, c := range s.Components {
		m := component.FindStringSubmatch(c)
		text, err := value(m[1], m[2], m[3] != "")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s: %s\n", c, text)
	}
	b.WriteString(`"@signature-params": ` + input)
	return b.String(), nil
}

// request is the message whose components are signed.
type request struct {
	r      *http.Request
	scheme string
}

func (m request) value(name, key string, ofRequest bool) (string, error) {
	if ofRequest {
		return "", fmt.Errorf("the component %s is that of a request, and this is one", name)
	}
	return valueOf(m.r, name, key, m.scheme)
}

// answer is a response, with what was asked. A server that signs has no response yet.
type answer struct {
	request  *http.Request
	response *http.Response
	scheme   string
}

func (m answer) value(name, key string, ofRequest bool) (string, error) {
	switch {
	case ofRequest:
		return valueOf(m.request, name, key, m.scheme)
	case name[0] == '@' || m.response == nil:
		return "", fmt.Errorf("the component %s of an answer is not one that is read here", name)
	}
	return fieldOf(m.response.Header, name, key)
}

// valueOf returns the value of a component, of a request as a client sends or a server
// gets it.
func valueOf(r *http.Request, name, key, scheme string) (string, error) {
	if name[0] != '@' {
		return fieldOf(r.Header, name, key)
	}
	if key != "" {
		return "", fmt.Errorf("%s has no members", name)
	}
	switch {
	case r.URL.Scheme != "":
		scheme = strings.ToLower(r.URL.Scheme)
	case scheme == "" && r.TLS != nil:
		scheme = "https"
	case scheme == "":
		scheme = "http"
	}
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	authority := strings.ToLower(host)
	authority = strings.TrimSuffix(authority, map[string]string{"http": ":80", "https": ":443"}[scheme])
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	query := ""
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		query = "?" + r.URL.RawQuery
	}
	switch name {
	case "@method":
		if r.Method == "" {
			return http.MethodGet, nil
		}
		return r.Method, nil
	case "@authority":
		return authority, nil
	case "@scheme":
		return scheme, nil
	case "@target-uri":
		return scheme + "://" + authority + path + query, nil
	case "@request-target":
		return path + query, nil
	case "@path":
		return path, nil
	case "@query":
		if query == "" {
			query = "?"
		}
		return query, nil
	}
	return "", fmt.Errorf("the component %s is not one that is read here", name)
}

// fieldOf returns the value of a field, or of one member of a dictionary.
func fieldOf(h http.Header, name, key string) (string, error) {
	lines := h.Values(name)
	if len(lines) == 0 {
		return "", fmt.Errorf("the field %s is covered, and not there", name)
	}
	if key != "" {
		all, err := members(lines)
		if err != nil {
			return "", fmt.Errorf("the field %s: %w", name, err)
		}
		value, ok := all[key]
		if !ok {
			return "", fmt.Errorf("the field %s has no member %s", name, key)
		}
		return value, nil
	}
	values := make([]string, len(lines))
	for i, line := range lines {
		values[i] = strings.Trim(line, " \t")
		if strings.ContainsAny(line, "\r\n") {
			return "", fmt.Errorf("the field %s has a line break", name)
		}
	}
	return strings.Join(values, ", "), nil
}
