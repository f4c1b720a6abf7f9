package content

import (
	"encoding/json"
	"fmt"
)

// JSONSchema describes the front matter of a collection as JSON Schema (draft 2020-12), with which editors
// complete keys and values. It knows keys and Chinese labels alike.
func JSONSchema(s *Schema) ([]byte, error) {
	properties := map[string]any{}
	for _, f := range s.Fields {
		p := property(f)
		properties[f.Key] = p
		properties[f.Label] = p
	}
	var required []any
	for _, f := range s.Fields {
		if f.Required {
			required = append(required, map[string]any{"anyOf": []any{map[string]any{"required": []string{f.Key}}, map[string]any{"required": []string{f.Label}}}})
		}
	}
	out := map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": s.Label, "description": s.About, "type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["allOf"] = required
	}
	return json.MarshalIndent(out, "", "  ")
}

func property(f *Field) map[string]any {
	one := kinds[f.Type].schema(f)
	about := f.Label
	if f.Help != "" {
		about = fmt.Sprintf("%s：%s", f.Label, f.Help)
	}
	if f.Many {
		list := map[string]any{"type": "array", "items": one}
		if f.Listed {
			list["description"] = about
			return list
		}
		return map[string]any{"anyOf": []any{one, list}, "description": about}
	}
	one["description"] = about
	return one
}
