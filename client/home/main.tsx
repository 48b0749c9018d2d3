/** Entry of the home page. */
import { render } from 'preact'
import '../ui/base.css'
import './home.css'
import { pageLanguage } from '../i18n/PageLanguage.ts'
import { HomePage } from './HomePage.tsx'
import { loadWords } from './words.ts'

const root = document.getElementById('app')
if (root) {
  const show = () => render(<HomePage />, root)
  pageLanguage.declare()
  await loadWords()
  pageLanguage.on('change', show)
  show()
}
