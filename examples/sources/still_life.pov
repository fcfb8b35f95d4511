// SPDX-License-Identifier: MIT
//
// content-still-life: sunflowers, fruit and wine by a window. Units are centimetres.
#version 3.7;

#ifndef (Rad) #declare Rad = 1; #end

global_settings {
  assumed_gamma 1.0
  max_trace_level 9
  #if (Rad)
  radiosity {
    count 40 nearest_count 6 error_bound 0.9 low_error_factor 0.7
    recursion_limit 1 minimum_reuse 0.02 gray_threshold 0.1 brightness 1.1
    pretrace_start 0.04 pretrace_end 0.01
  }
  #end
}
#default { finish { ambient 0 diffuse 0.75 } }

#declare R = seed(1889);
#macro Rnd(A, B) (A + (B - A) * rand(R)) #end

camera {
  location <5, 35, -100>
  look_at <0.8, 20.8, 0>
  right x * image_width / image_height
  angle 47.5
}

// ---------------------------------------------------------------- light ---
// A tall window far to the left, with bars that fall as shadows on the wall.
light_source {
  <-150, 118, -92> rgb <1.30, 1.12, 0.84> * 2.35
  area_light <8, 0, -10>, <0, 14, 0>, 5, 5 adaptive 1 jitter circular orient
}
light_source { <170, 70, -150> rgb <0.20, 0.26, 0.40> * 1.5 shadowless }
background { rgb <0.05, 0.06, 0.07> }
// what the glass and the glaze mirror: a bright window with six panes
union {
  #for (I, 0, 1) #for (J, 0, 2)
    box { <I * 34, J * 34, 0>, <I * 34 + 30, J * 34 + 30, 1> }
  #end #end
  rotate y * -58
  translate <-150, 55, -80>
  texture { pigment { rgb <0.95, 1.0, 1.1> } finish { ambient 0 diffuse 0 emission 2.6 } }
  no_shadow no_image
}

// ----------------------------------------------------------------- room ---
plane {
  -z, -46
  texture {
    pigment {
      granite turbulence 0.4
      color_map {
        [0.00 rgb <0.15, 0.17, 0.10>] [0.35 rgb <0.20, 0.22, 0.13>] [0.6 rgb <0.25, 0.26, 0.16>]
        [0.8 rgb <0.30, 0.29, 0.17>] [1.0 rgb <0.38, 0.33, 0.20>]
      }
      scale 45
    }
    normal { average normal_map { [1 granite 0.3 scale 15] [1 bumps 0.2 scale 5] } }
  }
}
// The bars of the window, for their shadow on the wall.
union {
  box { <-1.6, -90, -1>, <1.6, 90, 1> }
  box { <-60, -2, -1>, <60, 1.2, 1> }
  box { <-60, 32, -1>, <60, 35.2, 1> }
  box { <-70, -90, -1>, <-36, 90, 1> }
  box { <32, -90, -1>, <80, 90, 1> }
  box { <-70, 62, -1>, <70, 120, 1> }
  rotate y * -56
  translate <-82, 64, -43>
  no_image no_reflection
  pigment { rgb 0.1 }
}
// A plank table.
#declare Plank = texture {
  pigment {
    wood turbulence <0.03, 0.03, 0.35> octaves 4
    color_map {
      [0.0 rgb <0.21, 0.095, 0.04>] [0.45 rgb <0.33, 0.165, 0.07>] [0.7 rgb <0.26, 0.12, 0.05>] [1.0
        rgb <0.16, 0.07, 0.03>]
    }
    rotate y * 90
    scale <16, 1.5, 1.5>
  }
  normal { granite 0.18 scale <18, 1, 1.2> }
  finish { diffuse 0.75 specular 0.25 roughness 0.035 reflection { 0.02, 0.16 fresnel } }
}
#for (I, 0, 6)
  superellipsoid {
    <0.03, 0.03>
    scale <95, 1.6, 5.9>
    translate <0, -1.6, -33 + I * 12>
    texture { Plank translate <I * 37, I * 11.3, I * 5.1> }
    interior { ior 1.4 }
  }
#end

// ---------------------------------------------------------------- cloth ---
// A linen cloth with red and blue stripes, in folds, hanging over the edge.
#declare FN = function { pattern { bozo scale 13 } }
#declare FM = function { pattern { bozo scale 6 translate 31 } }
#declare Step = function(q) { min(max(q, 0), 1) * min(max(q, 0), 1) * (3 - 2 * min(max(q, 0), 1)) }
#macro Cloth_Point(U, V)   // U across -1..1, V from the back 0 to the hem 1
  #local Run = V * 52;
  #local Drop = max(0, Run - 34);
  #local Flat = min(Run, 34);
  #local X = U * (25 + 2.5 * V) + 2.4 * (FN(9, U * 3, Run) - 0.5) + Drop * 0.10 * U;
  #local Fold = 2.0 * pow(abs(sin(U * 6.5 + 0.045 * Run + 3 * FN(U * 14, 0, Run))), 3) * (0.25 +
    0.75 * Step((Run - 4) / 26));
  #local Crease = 2.4 * pow(1 - abs(2 * FN(U * 22 + 0.5 * Run, 7, Run - 8 * U) - 1), 5) + 0.8 * FM(U
    * 25, 0, Run) * FN(U * 20, 3, Run);
  #if (Drop > 0)
    #local Y = 0.35 + Crease * 0.4 - Drop - 0.7 * Step(Drop / 2);
    #local Z = -39.6 - 0.4 * Drop * 0.1 - Fold * 1.3 * Step(Drop / 6);
  #else
    #local Y = 0.25 + (Fold * 0.65 + Crease) * Step((1.02 - abs(U)) * 9) * Step(V * 14);
    #local Z = -4.6 - Flat - 1.4 * (FN(U * 20, 3, 5) - 0.5);
  #end
  <X, Y, Z>
#end
#declare CU = 150; #declare CV = 110;
#declare Cloth = array[CU + 1][CV + 1];
#for (I, 0, CU) #for (J, 0, CV) #declare Cloth[I][J] = Cloth_Point(2 * I / CU - 1, J / CV); #end
  #end
#macro Cloth_Normal(I, J)
  vnormalize(vcross(Cloth[I][max(J - 1, 0)] - Cloth[I][min(J + 1, CV)], Cloth[min(I + 1, CU)][J] -
    Cloth[max(I - 1, 0)][J]))
#end
#declare Linen = pigment {
  gradient x
  color_map {
    [0.00 rgb <0.80, 0.76, 0.66>] [0.34 rgb <0.80, 0.76, 0.66>] [0.34 rgb <0.62, 0.07, 0.05>] [0.42
      rgb <0.62, 0.07, 0.05>]
    [0.42 rgb <0.80, 0.76, 0.66>] [0.47 rgb <0.80, 0.76, 0.66>] [0.47 rgb <0.07, 0.14, 0.34>] [0.60
      rgb <0.07, 0.14, 0.34>]
    [0.60 rgb <0.80, 0.76, 0.66>] [0.65 rgb <0.80, 0.76, 0.66>] [0.65 rgb <0.62, 0.07, 0.05>] [0.73
      rgb <0.62, 0.07, 0.05>]
    [0.73 rgb <0.80, 0.76, 0.66>] [1.00 rgb <0.80, 0.76, 0.66>]
  }
  scale 12
}
mesh2 {
  vertex_vectors { (CU + 1) * (CV + 1), #for (J, 0, CV) #for (I, 0, CU) Cloth[I][J], #end #end }
  normal_vectors { (CU + 1) * (CV + 1), #for (J, 0, CV) #for (I, 0, CU) Cloth_Normal(I, J), #end
    #end }
  uv_vectors { (CU + 1) * (CV + 1), #for (J, 0, CV) #for (I, 0, CU) <I / CU * 56, J / CV * 52>, #end
    #end }
  face_indices {
    2 * CU * CV,
    #for (J, 0, CV - 1) #for (I, 0, CU - 1)
      #local A = J * (CU + 1) + I;
      <A, A + 1, A + CU + 2>, <A, A + CU + 2, A + CU + 1>,
    #end #end
  }
  rotate y * -9
  translate <2, 0, -1>
  texture {
    uv_mapping
    pigment { average pigment_map { [3 Linen] [0.6 granite color_map { [0 rgb <0.4, 0.36, 0.3>] [1
      rgb 0.9] } scale 3] } }
    normal { average normal_map { [1 gradient x 0.35 sine_wave scale 0.22] [1 gradient y 0.35
      sine_wave scale 0.22] } }
    finish { diffuse 0.78 }
  }
}

// ---------------------------------------------------------------- fruit ---
#macro Fruit_Stalk(H, Lean)
  sphere_sweep { b_spline 5, <0, -1, 0>, 0.22 <0, 0, 0>, 0.2 <Lean * 0.4, H * 0.5, 0>, 0.14
    <Lean, H, 0.1>, 0.2 <Lean * 1.5, H * 1.3, 0.2>, 0.2
    texture { pigment { granite color_map { [0 rgb <0.10, 0.06, 0.03>] [1 rgb <0.28, 0.17, 0.08>] }
      scale 0.6 } } }
#end
// An apple: red cheek, yellow flank, fine streaks.
#declare Apple_Shape = lathe {
  cubic_spline 12,
  <0.6, 5.2>, <0.02, 5.3>, <0.5, 5.55>, <1.2, 6.25>, <2.3, 6.75>, <3.5, 5.9>, <3.85, 4.2>,
    <3.35, 2.1>, <2.2, 0.55>, <1.1, 0.05>, <0.02, 0.55>, <-0.5, 0.6>
}
#macro Apple(C1, C2, C3)
  union {
    object {
      Apple_Shape
      texture {
        pigment {
          radial turbulence 0.10 frequency 1
          pigment_map {
            [0.00 radial turbulence 0.06 color_map { [0 C1] [0.4 C1 * 0.75] [0.6 C1] [0.85 C1 * 1.2]
              [1 C1] } frequency 26]
            [0.40 radial turbulence 0.08 color_map { [0 C1] [0.5 C1 * 0.5 + C2 * 0.5] [0.8 C1] [1
              C1] } frequency 30]
            [0.58 radial turbulence 0.10 color_map { [0 C3] [0.6 C2] [1 C3] } frequency 22]
            [0.78 radial turbulence 0.08 color_map { [0 C1] [0.5 C1 * 0.5 + C2 * 0.5] [0.8 C1] [1
              C1] } frequency 30]
            [1.00 radial turbulence 0.06 color_map { [0 C1] [0.4 C1 * 0.75] [0.6 C1] [0.85 C1 * 1.2]
              [1 C1] } frequency 26]
          }
        }
        normal { bumps 0.06 scale 1.2 }
        finish { diffuse 0.7 specular 0.5 roughness 0.012 reflection { 0.01, 0.22 fresnel } }
      }
      texture { pigment { bozo color_map { [0.85 rgbt 1] [0.90 rgbt <0.85, 0.70, 0.4, 0.6>] }
          scale 0.17 } finish { diffuse 0.7 } }
      interior { ior 1.45 }
    }
    object { Fruit_Stalk(2.0, 0.6) translate y * 5.3 }
    translate y * -0.05
  }
#end
#declare Apple_Red = Apple(rgb <0.52, 0.025, 0.02>, rgb <0.74, 0.16, 0.04>, rgb <0.84, 0.52, 0.10>)
#declare Apple_Green = Apple(rgb <0.36, 0.46, 0.06>, rgb <0.48, 0.56, 0.10>, rgb <0.60, 0.58, 0.14>)
// A pear.
#declare Pear = union {
  lathe {
    cubic_spline 13,
    <0.5, 9.4>, <0.02, 9.5>, <0.75, 9.45>, <1.35, 8.7>, <1.6, 7.6>, <2.0, 6.3>, <2.9, 4.9>,
      <3.6, 3.3>, <3.35, 1.6>, <2.3, 0.4>, <1.0, 0.02>, <0.02, 0.4>, <-0.5, 0.5>
    texture {
      pigment {
        radial turbulence 0.25
        color_map { [0 rgb <0.56, 0.50, 0.09>] [0.35 rgb <0.64, 0.52, 0.10>] [0.55 rgb
          <0.70, 0.36, 0.08>] [0.72 rgb <0.62, 0.22, 0.06>] [0.85 rgb <0.66, 0.46, 0.09>] [1 rgb
          <0.56, 0.50, 0.09>] }
      }
      normal { bumps 0.12 scale 0.9 }
      finish { diffuse 0.75 specular 0.3 roughness 0.03 reflection { 0.0, 0.12 fresnel } }
    }
    texture { pigment { granite turbulence 0.2 color_map { [0 rgbt <0.35, 0.2, 0.08, 0.3>] [0.22
      rgbt <0.4, 0.24, 0.1, 0.8>] [0.35 rgbt 1] [1 rgbt 1] } scale 0.8 } }
    interior { ior 1.45 }
  }
  object { Fruit_Stalk(2.6, -0.7) translate y * 9.2 }
}
// An orange, and a lemon.
#declare Orange = union {
  sphere {
    0, 3.9 scale <1, 0.94, 1>
    texture {
      pigment { granite turbulence 0.2 color_map { [0 rgb <0.80, 0.26, 0.01>] [1 rgb
        <0.95, 0.42, 0.03>] } scale 6 }
      normal { crackle 0.35 form <-1, 1, 0> scale 0.34 }
      finish { diffuse 0.75 specular 0.45 roughness 0.025 reflection { 0.0, 0.14 fresnel } }
    }
    interior { ior 1.45 }
  }
  cylinder { y * 3.45, y * 3.72, 0.38 pigment { rgb <0.16, 0.22, 0.06> } }
  translate y * 3.65
}
#macro Lemon_Skin()
  texture {
    pigment { granite color_map { [0 rgb <0.84, 0.60, 0.02>] [1 rgb <0.95, 0.76, 0.07>] } scale 5 }
    normal { crackle 0.3 form <-1, 1, 0> scale 0.36 }
    finish { diffuse 0.75 specular 0.4 roughness 0.025 reflection { 0.0, 0.12 fresnel } }
  }
  interior { ior 1.45 }
#end
#declare Lemon_Shape = lathe {
  cubic_spline 12, <-0.4, 5.2>, <0.02, 5.15>, <0.45, 4.8>, <1.0, 4.3>, <2.0, 3.2>, <2.85, 1.2>,
    <2.9, -0.6>, <2.2, -2.7>, <1.1, -3.9>, <0.55, -4.4>, <0.02, -4.6>, <-0.4, -4.6>
  rotate z * -90
}
#declare Lemon = object { Lemon_Shape Lemon_Skin() translate y * 2.9 }
// half a lemon, cut side towards +x
#declare Half_Lemon = union {
  intersection { object { Lemon_Shape } plane { x, 0 } Lemon_Skin() }
  cylinder { <-0.02, 0, 0>, <0.01, 0, 0>, 2.92 pigment { rgb <0.92, 0.86, 0.62> } }
  #for (I, 0, 8)
    intersection {
      cylinder { <0, 0, 0>, <0.06, 0, 0>, 2.45 }
      plane { -y, -0.10 rotate x * (40 * I) }
      plane { y, -0.10 rotate x * (40 * I + 40) }
      cylinder { <-1, 0, 0>, <1, 0, 0>, 0.3 inverse }
      texture {
        pigment { radial rotate z * 90 turbulence 0.1 color_map { [0 rgb <0.92, 0.74, 0.16>] [0.5
          rgb <0.98, 0.86, 0.34>] [1 rgb <0.90, 0.70, 0.14>] } frequency 40 }
        normal { bumps 0.4 scale 0.3 }
        finish { diffuse 0.75 specular 0.7 roughness 0.01 }
      }
    }
  #end
  translate y * 2.9
}
// Grapes: a bunch lying on the table, and its stalk.
#macro Grapes(N, Len, Wide, High, C)
  union {
    #local P = array[N];
    #local K = 0; #local Tries = 0;
    #while (K < N & Tries < 9000)
      #local T = rand(R);
      #local A = Rnd(-pi, pi);
      #local Q = sqrt(rand(R)) * (1 - 0.75 * T * T) * (0.45 + 0.55 * min(1, T * 5));
      #local G =
        <T * Len, 1.15 + (0.5 + 0.5 * cos(A) * Q) * High * (1 - 0.6 * T), sin(A) * Q * Wide>;
      #local Free = 1;
      #for (J, 0, K - 1) #if (vlength(P[J] - G) < 1.75) #local Free = 0; #end #end
      #if (Free)
        #local P[K] = G;
        #local K = K + 1;
        sphere {
          0, 1.12 scale <1, 1.08, 1> rotate <Rnd(0, 360), Rnd(0, 360), 0> translate G
          texture {
            pigment { bozo color_map { [0 C * 0.55] [0.5 C] [1 C * 1.7] } scale 1.6 translate G * 3
              }
            finish { diffuse 0.65 specular 0.7 roughness 0.008 reflection { 0.02, 0.3 fresnel } }
          }
          texture { pigment { bozo turbulence 0.5 color_map { [0 rgbt <0.5, 0.55, 0.7, 0.72>] [0.5
            rgbt <0.5, 0.55, 0.7, 0.95>] [1 rgbt 1] } scale 1.4 translate G * 5 } finish { diffuse
            0.7 } }
          interior { ior 1.4 }
        }
      #end
      #local Tries = Tries + 1;
    #end
    sphere_sweep {
      b_spline 5, <2, 2.6, 0>, 0.2 <0.6, 2.9, 0>, 0.22 <-1.6, 3.2, 0.4>, 0.25 <-3.2, 2.9, 1.4>, 0.3
        <-4.4, 2.2, 2.4>, 0.3
      texture { pigment { granite color_map { [0 rgb <0.16, 0.14, 0.05>] [1 rgb <0.34, 0.30, 0.12>]
        } scale 0.6 } }
    }
  }
#end

// -------------------------------------------------------------- vessels ---
// Blue flowers around the belly, on a vine.
#declare Turn = function(x, z) { 7 * atan2(z, x) / (2 * pi) + 20 }
#declare Part = function(q) { q - floor(q) - 0.5 }
#declare Rosette = function(p, q) {
  select(sqrt(p * p + q * q) - 2.5 * (0.5 + 0.5 * abs(cos(2.5 * atan2(q, p)))), select(sqrt(p * p +
    q * q) - 0.62, 0.2, 0.75, 1), 0)
}
#declare Leaflet = function(p, q) { select(abs(q) - 0.9 * sqrt(max(0, 1 - p * p / 3.2)), 0.8, 0) }
#declare Sprig = function(x, y, z) {
  max(Rosette(Part(Turn(x, z)) * 7.2, y - 10.2 + 1.1 * cos(pi * floor(Turn(x, z)))),
      max(select(abs(y - 10.2 - 2.2 * cos(pi * (Turn(x, z) - 0.5))) - 0.17, 0.7, 0),
          max(Leaflet((Part(Turn(x, z) * 2 + 0.3)) * 5.4, y - 13.6 + 0.5 * Part(Turn(x, z) * 2 +
            0.3) * 5),
              Leaflet((Part(Turn(x, z) * 2 + 0.8)) * 5.4, y - 6.9 - 0.5 * Part(Turn(x, z) * 2 + 0.8)
                * 5))))
}
// A glazed jug, white with blue bands and sprigs.
#declare Glaze = finish { diffuse 0.75 specular 0.6 roughness 0.006 reflection { 0.02, 0.45 fresnel
  } }
#declare Cobalt = rgb <0.03, 0.08, 0.36>;
#declare Milk = rgb <0.78, 0.78, 0.74>;
#declare Band = pigment {
  gradient y
  pigment_map {
    [0.035 Cobalt] [0.035 Milk] [0.055 Milk] [0.055 Cobalt] [0.065 Cobalt] [0.065 Milk]
    [0.18 Milk]
    [0.18 Cobalt] [0.192 Cobalt] [0.192 Milk] [0.21 Milk]
    [0.52 Milk]
    [0.52 Cobalt] [0.535 Cobalt] [0.535 Milk] [0.55 Milk] [0.55 Cobalt] [0.557 Cobalt] [0.557 Milk]
    [0.80 Milk] [0.80 Cobalt] [0.815 Cobalt] [0.815 Milk] [0.95 Milk] [0.965 Cobalt] [1.0 Cobalt]
  }
  scale 30
}
#declare Jug = union {
  lathe {
    cubic_spline 17,
    <-1, 0>, <0.01, 0.1>, <4.4, 0>, <5.4, 1.2>, <7.6, 5.0>, <8.6, 9.6>, <8.0, 14.0>, <6.0, 18.6>,
      <4.7, 22.2>, <4.8, 25.6>, <5.9, 29.0>,
    <5.5, 29.1>, <4.3, 25.6>, <4.2, 22.2>, <5.4, 18.4>, <0.01, 15>, <-1, 15>
  }
  // the lip
  sphere_sweep { b_spline 6, <-4.6, 27.0, -2.6>, 0.4 <-5.2, 28.6, -1.7>, 0.42 <-6.9, 29.8, 0>, 0.42
    <-6.9, 29.8, 0>, 0.42 <-5.2, 28.6, 1.7>, 0.42 <-4.6, 27.0, 2.6>, 0.4 }
  sphere_sweep { b_spline 7, <3, 27.6, 0>, 0.95 <4.8, 27.4, 0>, 0.95 <8.6, 27.6, 0>, 0.9
    <11.2, 24.0, 0>, 0.85 <11.0, 18.6, 0>, 0.8 <7.6, 14.6, 0>, 0.9 <5.0, 14.0, 0>, 1.0 }
  texture { pigment { Band } normal { bumps 0.03 scale 2 } finish { Glaze } }
  texture {
    pigment {
      function { Sprig(x, y, z) } warp { turbulence 0.25 octaves 3 }
      color_map { [0.1 rgbt 1] [0.1 rgb Cobalt * 1.8] [0.5 rgb Cobalt] [0.78 rgb Cobalt * 1.3] [0.9
        rgb <0.5, 0.4, 0.1>] [1 rgb <0.5, 0.4, 0.1>] }
    }
    finish { Glaze }
  }
  interior { ior 1.5 }
}
// A wine glass: bowl, stem and foot as one wall of glass; the wine inside.
#declare Clear = material {
  texture { pigment { rgbt <0.97, 0.99, 0.98, 0.97> } finish { diffuse 0.02 specular 0.9 roughness
    0.001 reflection { 0.02, 1 fresnel } conserve_energy } }
  interior { ior 1.5 fade_distance 8 fade_power 1001 fade_color <0.86, 0.94, 0.92> }
}
#declare Wine_Glass = union {
  lathe {
    cubic_spline 20,
    <-1, 0.3>, <0.01, 0.0>, <3.6, 0.0>, <3.85, 0.14>, <3.4, 0.34>, <1.0, 0.8>, <0.45, 2.0>,
      <0.38, 5.6>, <0.55, 8.0>, <2.0, 9.5>, <3.9, 12.2>,
    <4.2, 15.0>, <3.55, 19.2>, <3.42, 19.25>, <4.02, 15.0>, <3.72, 12.3>, <1.9, 9.8>, <0.6, 9.0>,
      <0.01, 8.9>, <-1, 8.9>
    material { Clear }
  }
  intersection {
    lathe { cubic_spline 10, <-1, 8.95>, <0.01, 8.97>, <0.6, 9.06>, <1.88, 9.86>, <3.68, 12.34>,
      <3.98, 15.0>, <3.6, 18>, <3.0, 19>, <0.01, 19.1>, <-1, 19> }
    plane { y, 14.6 }
    texture { pigment { rgb <0.50, 0.015, 0.04> transmit 0.72 } finish { diffuse 0.5 emission 0.04
      specular 0.7 roughness
      0.002 reflection { 0.02, 0.9 fresnel } conserve_energy } }
    interior { ior 1.34 fade_distance 5 fade_power 1001 fade_color <0.85, 0.06, 0.10> }
  }
}
// A copper bowl, beaten.
#declare Bowl = lathe {
  cubic_spline 14,
  <-1, 0>, <0.01, 0.0>, <4.6, 0.0>, <5.0, 0.5>, <4.7, 1.1>, <8.6, 2.6>, <11.6, 5.4>, <13.0, 8.4>,
    <12.6, 8.6>, <11.1, 5.8>, <8.2, 3.2>, <4.6, 1.9>, <0.01, 1.8>, <-1, 1.8>
  texture {
    pigment { granite color_map { [0 rgb <0.36, 0.14, 0.06>] [0.5 rgb <0.62, 0.27, 0.12>] [0.9 rgb
      <0.74, 0.38, 0.18>] [1 rgb <0.30, 0.34, 0.22>] } scale 5 }
    normal { crackle 0.5 form <1, 0, 0> scale 1.5 }
    finish { diffuse 0.42 specular 0.7 roughness 0.02 metallic reflection { rgb <0.55, 0.27, 0.14>
      metallic } }
  }
}

// A leaf along x from the origin.
#macro Leaf(L, C)
  #local N = 14;
  mesh {
    #for (I, 0, N - 1) #for (S, -1, 1, 2)
      #local T0 = I / N; #local T1 = (I + 1) / N;
      #local W0 = L * 0.24 * pow(sin(pi * pow(T0, 0.8)), 0.9); #local W1 = L * 0.24 * pow(max(0,
        sin(pi * pow(T1, 0.8))), 0.9);
      #local A0 = <L * T0, L * 0.16 * sin(2.6 * T0), 0>; #local A1 =
        <L * T1, L * 0.16 * sin(2.6 * T1), 0>;
      triangle { A0, A1, A1 + <0, W1 * 0.5, S * W1> } triangle { A0, A1 + <0, W1 * 0.5, S * W1>, A0
        + <0, W0 * 0.5, S * W0> }
    #end #end
    texture {
      pigment { granite color_map { [0 C * 0.6] [1 C * 1.3] } scale 3 }
      finish { diffuse 0.8 emission 0.10 specular 0.15 roughness 0.05 }
    }
  }
#end
#declare Green = rgb <0.06, 0.16, 0.03>;

// ------------------------------------------------------- the arrangement ---
object { Jug rotate y * -20 translate <-17, 0, 8> }
union {
  object { Bowl translate <9, 0, 4> }
  object { Apple_Red rotate <8, 40, -12> translate <3.6, 4.0, 2.0> }
  object { Orange rotate <20, 0, 15> translate <12.5, 3.6, 1.0> }
  object { Apple_Green rotate <-12, 140, 14> translate <15.4, 4.0, 7.6> }
  object { Orange rotate <-10, 30, -12> translate <7.6, 4.0, 8.8> }
  object { Pear rotate <-8, 210, -14> translate <9.4, 6.6, 4.6> }
  object { Apple_Red rotate <6, 215, 8> translate <2.6, 4.2, 8.5> }
  object { Leaf(6.5, Green) rotate <20, -40, 14> translate <13.5, 10.0, 0.0> }
  object { Leaf(6.0, Green * 1.4) rotate <-24, 40, -4> translate <12.5, 10.0, 1.5> }
  object { Leaf(6.5, Green * 1.2) rotate <10, 190, 6> translate <5.2, 9.6, 7.2> }
  translate <-9, 0, -4> scale 1.28 translate <10, 0.2, 4>
}
object { Wine_Glass scale 1.3 translate <30.5, 0, -1> }
object { Grapes(74, 13, 4.6, 4.6, rgb <0.13, 0.03, 0.15>) scale 1.16 rotate y * 152 translate
  <-3.5, 0.7, -15> }
object { Lemon scale 1.2 rotate <0, 28, 0> translate <16.0, 0.6, -17> }
object { Half_Lemon scale 1.2 rotate y * 112 rotate z * -3 translate <25.5, 0.3, -20.0> }
object { Pear rotate z * 84 scale 1.16 rotate y * 24 translate <-12.5, 4.3, -11.0> }
object { Apple_Red scale 1.22 rotate <0, 120, 0> translate <-28.5, 0, -7> }
object { Leaf(5.5, Green) rotate <0, 150, 0> translate <17, 0.9, -10> }
object { Leaf(6.0, Green * 1.3) rotate <0, 60, 0> translate <-10, 1.6, -12> }

// ----------------------------------------------------------- sunflowers ---
// A flower that looks along -z, its middle at the origin.
#macro Sunflower(Size, C)
  union {
    #local N = 170;
    sphere { 0, 1 scale <3.3, 3.3, 0.9> pigment { rgb <0.07, 0.04, 0.015> } }
    #for (I, 0, N - 1)
      #local Q = sqrt(I / N); #local A = I * 137.508;
      sphere {
        <3.25 * Q, 0, -0.95 * sqrt(1.02 - Q * Q * 0.8) - 0.12 * (Q > 0.62) * rand(R)>, 0.24 rotate z
          * A
        pigment { rgb (Q < 0.38 ? <0.20, 0.17, 0.05> : (Q < 0.66 ? <0.11, 0.055, 0.02> :
          <0.42, 0.20, 0.03>)) * Rnd(0.7, 1.3) }
        finish { diffuse 0.8 specular 0.15 roughness 0.05 }
      }
    #end
    #for (Ring, 0, 2)
      #for (I, 0, 15)
        object {
          Leaf(Rnd(4.6, 6.2) - 0.4 * Ring, C * Rnd(0.75, 1.08))
          rotate <Rnd(-22, 22), 0, 0> rotate z * Rnd(-16, 6) rotate x * -90
          translate <2.5, 0, 0.25 * Ring - 0.1>
          rotate z * (I * 22.5 + Ring * 8 + Rnd(-6, 6))
        }
      #end
    #end
    #for (I, 0, 11) object { Leaf(3.6, Green * 1.3) rotate x * -90 rotate y * 14 translate
      <2.4, 0, 0.9> rotate z * (I * 30 + Rnd(-7, 7)) } #end
    sphere { z * 0.9, 1 scale <2.6, 2.6, 0.7> pigment { rgb Green } }
    scale Size
  }
#end
#declare Yellow = rgb <0.95, 0.56, 0.03>;
#declare Amber = rgb <0.88, 0.38, 0.02>;
#declare Mouth = <-17, 27, 8>;
// A flower at P, turned by T, and its stalk into the jug.
#macro Stalked(P, T, Size, C)
  object { Sunflower(Size, C) rotate T translate P }
  #local Back = vrotate(z, T) * Size;
  sphere_sweep {
    b_spline 6, P + Back * 0.2, 0.55 P + Back * 0.6, 0.6 P + Back * 3, 0.5 (P + Back * 3 + Mouth) /
      2 + y * 2, 0.45 Mouth, 0.45 Mouth - y * 8, 0.45
    pigment { rgb Green * 1.5 }
  }
#end
Stalked(<-17.5, 38.2, 1.5>, <12, 4, 0>, 0.98, Yellow)
Stalked(<-27.6, 35.6, 5>, <4, 38, 0>, 0.86, Amber)
Stalked(<-8.2, 33.6, 2.0>, <4, -24, 0>, 0.84, Yellow)
Stalked(<-25.5, 44.2, 10>, <18, 30, 0>, 0.78, Yellow)
Stalked(<-8.6, 44.0, 8>, <10, -34, 0>, 0.80, Amber)
Stalked(<-20.5, 29.6, -0.5>, <-16, 14, 0>, 0.72, Yellow)
#for (I, 0, 15)
  object {
    Leaf(Rnd(7, 11), Green * Rnd(0.7, 1.6)) scale <1, 1, 1.7>
    rotate <Rnd(-40, 40), 0, Rnd(-25, 40)> rotate y * (I * 24 + Rnd(-9, 9))
    translate <-17, Rnd(26, 30), 11>
  }
#end
