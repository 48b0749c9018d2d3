/** Entry of the home page. */
import { render } from 'preact'
import '../ui/base.css'
import './home.css'
import { HomePage } from './HomePage.tsx'

const root = document.getElementById('app')
if (root) render(<HomePage />, root)
