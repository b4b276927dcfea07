package strictjson

import "fmt"

// Error says what is wrong with a text and where.
type Error struct {
	Offset int    // byte offset in the text
	Limit  string // the cap that was passed, as named in package limits; "" for a syntax error
	Detail string
}

func (e *Error) Error() string {
	return fmt.Sprintf("json: byte %d: %s", e.Offset, e.Detail)
}
