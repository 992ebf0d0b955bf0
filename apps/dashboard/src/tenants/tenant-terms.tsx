import type { TenantBody, WholeTenantBody } from '@darkroom/contracts/admin';
import { type SyntheticEvent, useState } from 'react';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Field, FormError } from '../components/field.js';
import { Panel } from '../shell/page.js';
import { changeOf, formOf, limits, type TenantForm } from './limits.js';

/** Changes a tenant's limits, models and defaults; what is wrong with them, the server says beside the field. */
export function TenantTerms({ tenant }: { tenant: WholeTenantBody }) {
  const before = formOf(tenant);
  const [form, setForm] = useState(before);
  const save = useChange(
    async (form: TenantForm) => await send<TenantBody>('PATCH', `tenants/${tenant.id}`, changeOf(form, tenant)),
    {
      changed: ['tenants'],
      done: 'The tenant was changed. Gateways follow within seconds.',
    },
  );
  const isChanged = Object.entries(form).some(([name, value]) => value !== before[name as keyof TenantForm]);
  const set = (name: keyof TenantForm) => (event: { target: { value: string } }) =>
    setForm({ ...form, [name]: event.target.value });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate(form);
  };
  return (
    <Panel title="Limits and defaults">
      <form onSubmit={submit}>
        <div className="fields">
          {limits.map(({ name, label, hint }) => (
            <Field key={name} label={label} hint={hint} param={name} error={save.error}>
              {(ids) => <input {...ids} inputMode="decimal" value={form[name]} onChange={set(name)} />}
            </Field>
          ))}
          <Field label="Models" hint="Names of those that it may use, with commas. Empty: all." param="models" error={save.error}>
            {(ids) => <input {...ids} value={form.models} onChange={set('models')} />}
          </Field>
        </div>
        <Field
          label="Defaults"
          hint="JSON: parameters of POST /v1/generations that its requests have where they give none. Empty: none."
          param="defaults"
          error={save.error}
        >
          {(ids) => (
            <textarea {...ids} rows={4} spellCheck={false} className="code" value={form.defaults} onChange={set('defaults')} />
          )}
        </Field>
        <FormError error={save.error} params={Object.keys(form)} />
        <div className="actions">
          <button type="submit" className="primary" disabled={!isChanged || save.isPending}>
            Save
          </button>
          <button type="button" disabled={!isChanged} onClick={() => setForm(before)}>
            Undo
          </button>
        </div>
      </form>
    </Panel>
  );
}
