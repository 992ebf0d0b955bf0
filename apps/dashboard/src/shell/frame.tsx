import type { CurrentOperatorBody } from '@darkroom/contracts/admin';
import { Component, type ReactNode, Suspense, useState } from 'react';
import { Link, Navigate, Route, Routes, useLocation } from 'react-router';
import { Failure, Loading } from '../components/states.js';
import { Account } from '../session/account.js';
import { useMay } from '../session/session.js';
import { areas } from './areas.js';
import { Finder } from './finder.js';
import { Navigation } from './navigation.js';
import { NotFound } from './page.js';
import { PageOf } from './page-of.js';
import { Drawing, ThemeButton } from './theme-button.js';

/** What is around every page: where one is, where one can go, and who one is. */
export function Frame({ operator }: { operator: CurrentOperatorBody }) {
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  const pageOf = usePages();
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header>
        <button
          type="button"
          className="quiet icon menu"
          aria-label="Menu"
          aria-expanded={isMenuOpen}
          aria-controls="navigation"
          onClick={() => setIsMenuOpen(!isMenuOpen)}
        >
          <Drawing path="M4 7h16M4 12h16M4 17h16" />
        </button>
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width="22" height="22" />
          Darkroom
        </Link>
        <Finder />
        <Link to="/account" className="operator" title={`Your account. Role: ${operator.role}`}>
          {operator.name}
        </Link>
        <ThemeButton />
      </header>
      <nav id="navigation" aria-label="Areas" className={isMenuOpen ? 'open' : ''}>
        <Navigation onLeave={() => setIsMenuOpen(false)} />
      </nav>
      <main id="main" tabIndex={-1}>
        <PageOf value={pageOf}>
          <AreaPages operator={operator} />
        </PageOf>
      </main>
    </div>
  );
}

/** Knows the pages of what ids name, in areas that the operator may see. */
function usePages(): (id: string) => string | undefined {
  const may = useMay();
  return (id) => {
    const found = areas.filter(({ needs }) => may(needs)).flatMap(({ ids = {} }) => Object.entries(ids));
    return found.find(([start]) => id.startsWith(start) && id.length > start.length)?.[1](id);
  };
}

function AreaPages({ operator }: { operator: CurrentOperatorBody }) {
  const may = useMay();
  const { pathname } = useLocation();
  const seen = areas.filter(({ needs }) => may(needs));
  return (
    <Boundary key={pathname.split('/')[1]}>
      <Suspense fallback={<Loading />}>
        <Routes>
          {seen.map(({ path, Pages }) => (
            <Route key={path} path={`${path}/*`} element={<Pages />} />
          ))}
          {seen[0] !== undefined && <Route index element={<Navigate to={`/${seen[0].path}`} replace />} />}
          <Route path="account" element={<Account operator={operator} />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Boundary>
  );
}

/** Keeps a page that fails from taking the frame with it. */
class Boundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Failure error={error} />;
  }
}
