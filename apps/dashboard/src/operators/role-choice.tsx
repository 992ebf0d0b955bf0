import { type OperatorRole, operatorRoles } from '@darkroom/contracts/admin';
import type { FieldIds } from '../components/field.js';

const meanings: Readonly<Record<OperatorRole, string>> = {
  viewer: 'sees everything but prompts and pictures',
  reviewer: 'sees them too, ends reviews, switches policies',
  operator: 'runs generations, workers, models, tenants, keys',
  admin: 'may do everything, and makes operators',
};

/** A choice among the roles, each with what it may. */
export function RoleChoice({
  ids,
  role,
  onChoose,
}: {
  ids: FieldIds;
  role: OperatorRole;
  onChoose: (role: OperatorRole) => void;
}) {
  return (
    <select {...ids} value={role} onChange={({ target }) => onChoose(target.value as OperatorRole)}>
      {operatorRoles.map((one) => (
        <option key={one} value={one}>
          {one}: {meanings[one]}
        </option>
      ))}
    </select>
  );
}
