import { NavLink } from 'react-router';
import { useMay } from '../session/session.js';
import { areas } from './areas.js';
import { Drawing } from './theme-button.js';

/** Links to all areas that the operator may see. */
export function Navigation({ onLeave }: { onLeave: () => void }) {
  const may = useMay();
  const groups = Map.groupBy(
    areas.filter(({ needs }) => may(needs)),
    ({ group }) => group,
  );
  return (
    <>
      {[...groups].map(([group, members]) => (
        <div key={group} className="nav-group">
          <p id={`nav-${group}`}>{group}</p>
          <ul aria-labelledby={`nav-${group}`}>
            {members.map(({ path, title, icon }) => (
              <li key={path}>
                <NavLink to={`/${path}`} onClick={onLeave}>
                  <Drawing path={icon} />
                  {title}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}
