// Draws /docs from the bank's own OpenAPI document.
const el = (tag, text, cls) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (cls) node.className = cls;
  return node;
};

const typeOf = (schema) => {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' | ');
  if (schema.type === 'array') return `[${typeOf(schema.items)}]`;
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : schema.type;
  return schema.enum ? schema.enum.join(' | ') : type + (schema.format ? ` (${schema.format})` : '');
};

const bounds = (s) => [
  s.minLength !== undefined || s.maxLength !== undefined ? `${s.minLength ?? 0}–${s.maxLength ?? '∞'} characters` : '',
  s.minimum !== undefined || s.maximum !== undefined ? `${s.minimum ?? 0}–${s.maximum ?? '∞'}` : '',
].filter(Boolean).join(', ');

const table = (rows) => {
  const t = el('table');
  const head = el('tr');
  ['Name', 'Type', 'About'].forEach((h) => head.append(el('th', h)));
  t.append(head);
  rows.forEach(([name, type, about]) => {
    const tr = el('tr');
    const first = el('td');
    first.append(el('code', name));
    tr.append(first, el('td', type), el('td', about));
    t.append(tr);
  });
  return t;
};

const members = (schema) => Object.entries(schema.properties ?? {}).map(([name, s]) => [
  name + ((schema.required ?? []).includes(name) ? ' *' : ''), typeOf(s), [s.description, bounds(s)].filter(Boolean).join('; '),
]);

const operation = (doc, path, method, op) => {
  const box = el('details');
  const summary = el('summary');
  summary.append(el('span', method.toUpperCase(), 'method'), el('code', path), el('span', op.summary, 'text'));
  box.append(summary);
  box.dataset.find = `${method} ${path} ${op.summary} ${op.operationId} ${op.tags}`.toLowerCase();
  if (op.parameters?.length) {
    box.append(el('h3', 'Parameters'), table(op.parameters.map((p) => [
      p.name + (p.required ? ' *' : ''), `${typeOf(p.schema)} in ${p.in}`, p.description ?? ''])));
  }
  const body = op.requestBody?.content?.['application/json']?.schema;
  if (body) box.append(el('h3', 'Body'), table(members(body)));
  Object.entries(op.responses).filter(([s]) => s.startsWith('2')).forEach(([status, r]) => {
    box.append(el('h3', `Answer ${status}`));
    let schema = r.content?.['application/json']?.schema;
    if (schema?.properties?.items) schema = schema.properties.items.items;
    if (schema?.$ref) {
      box.append(el('p', schema.$ref.split('/').pop()));
      schema = doc.components.schemas[schema.$ref.split('/').pop()];
    }
    box.append(schema ? table(members(schema)) : el('p', Object.keys(r.content ?? {}).join(', ') || 'no body'));
  });
  return box;
};

const draw = (doc) => {
  document.getElementById('version').textContent = doc.info.version;
  const place = document.getElementById('operations');
  doc.tags.forEach(({ name, description }) => {
    const section = el('section');
    section.append(el('h2', name), el('p', description));
    Object.entries(doc.paths).forEach(([path, item]) => Object.entries(item).forEach(([method, op]) => {
      if (op.tags?.[0] === name) section.append(operation(doc, path, method, op));
    }));
    place.append(section);
  });
  document.getElementById('find').addEventListener('input', (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/);
    place.querySelectorAll('details').forEach((d) => { d.hidden = !words.every((w) => d.dataset.find.includes(w)); });
  });
};

document.getElementById('bank').textContent = location.origin;
fetch('/v1/openapi.json').then((r) => r.json()).then(draw);
