import { Users } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const ContactsPage = lazyPage(async () => (await import('./contacts-page.tsx')).ContactsPage);

export const contactsPages: readonly Page[] = [
  { path: '/contacts', component: ContactsPage, title: 'contacts.title', rail: { icon: Users, order: 45 } },
  // A link from outside: shown in the dialog that adds, where the person decides.
  { path: '/contacts/add/$card', component: ContactsPage, title: 'contacts.add' },
];
