package statuslist

// Lists that this package did not write: the first is the example of Bitstring
// Status List 1.0, the others are Python's gzip and base64 over bytes written
// by hand.
const (
	textEmpty     = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
	textIndex0    = "uH4sIAAAAAAACA-3BIQEAAAACIKc73RkWoAEAAAAAAAAAAAAAAAAAAADeBuRZQ2cAQAAA" // byte 0 is 0x80
	textIndex7    = "uH4sIAAAAAAACA-3BIQEAAAACIP1_2hkWoAEAAAAAAAAAAAAAAAAAAADeBjn7xTYAQAAA" // byte 0 is 0x01
	textIndex8    = "uH4sIAAAAAAACA-3BIQEAAAACIKc73RkWIA0AAAAAAAAAAAAAAAAAAABwNjIlqLAAQAAA" // byte 1 is 0x80
	textIndexLast = "uH4sIAAAAAAACA-3BIQEAAAACIP1_2hkWIAEAAAAAAAAAAAAAAAAAAADOOhDiU9wAQAAA" // byte 16383 is 0x01
	textShort     = "uH4sIAAAAAAACA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAICzAQmvhYr_PwAA" // 16,383 bytes: 131,064 entries
	textNone      = "uH4sIAAAAAAACAwMAAAAAAAAAAAA"                                          // 0 bytes
	// 32,768 bytes; 0b00011011 first, 0b11100100 last
	textPairs = "uH4sIAAAAAAACA-3BAQEAAAgCoH74_1lDHCKQAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIB5X5Hr1PoAgAAA"
	textSpare = "uH4sIAAAAAAACA-3BMQEAAAgDoNk_hz3XwM8PmPzbAAAAAAAAAAAAAAAAAAAAAJcCrY8V5ABAAAA" // index 7 set, byte 100 is 0xa5; two spare bits in base64
)
