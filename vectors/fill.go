package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// fill replaces every {"$text": name} by what the group has under that name.
func fill(input json.RawMessage, texts map[string]json.RawMessage) (json.RawMessage, error) {
	if !bytes.Contains(input, []byte(`"$text"`)) {
		return input, nil
	}
	trimmed := bytes.TrimSpace(input)
	switch trimmed[0] {
	case '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(trimmed, &members); err != nil {
			return nil, err
		}
		if name, ok := members["$text"]; ok && len(members) == 1 {
			var s string
			if err := json.Unmarshal(name, &s); err != nil {
				return nil, err
			}
			text, known := texts[s]
			if !known {
				return nil, fmt.Errorf("there is no text %q", s)
			}
			return text, nil
		}
		for name, m := range members {
			filled, err := fill(m, texts)
			if err != nil {
				return nil, err
			}
			members[name] = filled
		}
		return compact(members)
	case '[':
		var items []json.RawMessage
		if err := json.Unmarshal(trimmed, &items); err != nil {
			return nil, err
		}
		for i, m := range items {
			filled, err := fill(m, texts)
			if err != nil {
				return nil, err
			}
			items[i] = filled
		}
		return compact(items)
	}
	return input, nil // a string that has the word in it
}

// compact writes JSON on one line, without escapes for HTML.
func compact(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
