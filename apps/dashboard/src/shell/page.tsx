import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'react-router';

/** A page: its heading, which gets the focus when one comes to it, what can be done on it, and what it shows. */
export function Page({
  title,
  about,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Darkroom`;
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <div className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {about !== undefined && <p className="hint">{about}</p>}
        </div>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </div>
      {children}
    </>
  );
}

/** A part of a page in a frame. */
export function Panel({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** Shown where no page is, or none that the operator may see. */
export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        The address is wrong, or your role doesn’t let you see what is there. <Link to="/">Go to the start</Link>.
      </p>
    </Page>
  );
}
