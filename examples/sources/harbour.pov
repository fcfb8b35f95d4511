// SPDX-License-Identifier: MIT
//
// content-harbour: a harbour town at evening. Units are metres.
#version 3.7;
#include "trees.inc"

#ifndef (Rad) #declare Rad = 1; #end

global_settings {
  assumed_gamma 1.0
  max_trace_level 6
  #if (Rad)
  radiosity {
    count 45 nearest_count 8 error_bound 0.9 low_error_factor 0.8
    recursion_limit 1 minimum_reuse 0.02 gray_threshold 0.2 brightness 0.8
    pretrace_start 0.04 pretrace_end 0.02
  }
  #end
}

#declare R = seed(4711);
#macro Rnd(A, B) (A + (B - A) * rand(R)) #end

camera {
  location <-7, 9.0, -86>
  look_at <-6.5, 16.0, 0>
  right x * image_width / image_height
  angle 52.5
}

// ---------------------------------------------------------------- light ---
#declare Sun_Dir = vnormalize(<-0.86, 0.33, -0.44>);
light_source { Sun_Dir * 4000 rgb <1.75, 1.06, 0.55> * 1.65 }
#if (!Rad) light_source { <300, 900, -500> rgb <0.30, 0.36, 0.50> shadowless } #end

// ------------------------------------------------------------------ sky ---
sky_sphere {
  pigment {
    gradient y
    color_map {
      [0.00 rgb <1.10, 0.62, 0.26>]
      [0.06 rgb <0.98, 0.64, 0.36>]
      [0.13 rgb <0.56, 0.56, 0.52>]
      [0.21 rgb <0.18, 0.38, 0.56>]
      [0.34 rgb <0.05, 0.20, 0.44>]
      [1.00 rgb <0.02, 0.07, 0.26>]
    }
  }
}
#macro Cloud_Layer(Height, Size, Cover, Edge, Mid, Core, Shift)
  plane {
    y, Height
    hollow no_shadow
    texture {
      pigment {
        bozo
        warp { turbulence <0.85, 0.4, 0.8> octaves 9 omega 0.64 lambda 2.2 }
        color_map {
          [0.00 Core transmit 0.05]
          [Cover * 0.55 Core transmit 0.08]
          [Cover * 0.80 Mid transmit 0.05]
          [Cover * 0.93 Edge transmit 0.20]
          [Cover * 1.08 Edge transmit 0.70]
          [Cover * 1.22 Edge transmit 1]
          [1.00 Edge transmit 1]
        }
        scale Size
        translate Shift
      }
      finish { ambient 0 diffuse 0 emission 1 }
    }
  }
#end
Cloud_Layer(1100, <2600, 1000, 950>, 0.36, rgb <0.98, 0.70, 0.54>, rgb <0.86, 0.56, 0.48>, rgb
  <0.62, 0.44, 0.46>, <700, 0, 300>)
Cloud_Layer(420, <900, 500, 520>, 0.42, rgb <1.45, 0.98, 0.62>, rgb <0.98, 0.56, 0.34>, rgb
  <0.26, 0.22, 0.33>, <-300, 0, 900>)

fog { fog_type 2 distance 1700 rgb <0.50, 0.48, 0.54> * 0.8 fog_offset 40 fog_alt 30 }

// ---------------------------------------------------------------- water ---
plane {
  y, 0
  texture {
    pigment { rgb <0.012, 0.055, 0.075> }
    normal {
      average
      normal_map {
        [1.0 bumps 0.22 scale <5.5, 1, 1.5>]
        [1.0 bumps 0.21 scale <1.9, 1, 0.55> rotate y * 8]
        [0.7 wrinkles 0.28 scale <9, 1, 3> rotate y * -12]
      }
    }
    finish { ambient 0 diffuse 0.5 specular 0.6 roughness 0.004 reflection { 0.16, 1.0 fresnel } }
  }
  interior { ior 1.33 }
}

// -------------------------------------------------------------- terrain ---
#declare Smooth = function(Q) { min(max(Q, 0), 1) * min(max(Q, 0), 1) * (3 - 2 * min(max(Q, 0), 1))
  }
#declare River = function(x, z) { Smooth((18 - abs(x + 34 + 0.22 * z)) / 7) }
#declare Noise = function { pattern { bozo scale 22 } }
#declare Ground = function(x, z) {
  (2
   + Smooth((z - 9) / 75) * (6 + 30 * exp(-pow((x - 30) / 34, 2)) + 22 * exp(-pow((x + 82) / 26,
     2)))
   + Smooth((z - 14) / 20) * 3 * (Noise(x, 0, z) - 0.5)) * (1 - River(x, z)) - 4 * River(x, z)
}
#declare GX0 = -160; #declare GX1 = 160; #declare GZ0 = -2; #declare GZ1 = 190;
#declare Grass = texture {
  pigment {
    granite turbulence 0.2
    color_map { [0 rgb <0.07, 0.10, 0.03>] [0.4 rgb <0.16, 0.20, 0.06>] [0.7 rgb <0.28, 0.26, 0.10>]
      [1 rgb <0.40, 0.33, 0.18>] }
    scale 9
  }
  normal { granite 0.5 scale 2 }
  finish { ambient 0 diffuse 0.8 }
}
#declare NX = 110; #declare NZ = 70;
mesh {
  #for (J, 0, NZ - 1)
    #for (I, 0, NX - 1)
      #local X0 = GX0 + (GX1 - GX0) * I / NX; #local X1 = GX0 + (GX1 - GX0) * (I + 1) / NX;
      #local Z0 = GZ0 + (GZ1 - GZ0) * J / NZ; #local Z1 = GZ0 + (GZ1 - GZ0) * (J + 1) / NZ;
      #local A = <X0, Ground(X0, Z0), Z0>; #local B = <X1, Ground(X1, Z0), Z0>;
      #local C = <X1, Ground(X1, Z1), Z1>; #local D = <X0, Ground(X0, Z1), Z1>;
      triangle { A, B, C } triangle { A, C, D }
    #end
  #end
  texture { Grass }
}
// Far hills, a wooded range and one of rock with snow above it.
#macro Hills(Z, Height, Size, Shift, Sharp, Tex)
  #local F = function { pattern { granite scale 1.1 translate Shift } }
  #local G = function { pattern { bozo scale 0.17 translate Shift } }
  #local E = function { pattern { wrinkles scale 0.10 translate Shift } }
  height_field {
    function 480, 240 {
      (0.04 + (0.72 - 0.3 * Sharp) * G(x, 0, 0.3 * y) + 0.42 * Sharp * pow(1 - E(x, 0, 0.5 * y), 2)
        * G(x, 0, 0.3 * y)
       + 0.15 * F(x, y, 0)) * pow(max(sin(pi * y), 0), 0.8)
    }
    smooth
    translate <-0.5, -0.06, 0>
    scale <Size, Height, 260>
    texture { Tex }
    translate z * Z
  }
#end
#declare Woods = texture {
  pigment { granite turbulence 0.3 color_map { [0.2 rgb <0.05, 0.09, 0.03>] [0.5 rgb
    <0.12, 0.17, 0.05>] [0.62 rgb <0.30, 0.22, 0.06>] [0.8 rgb <0.16, 0.20, 0.07>] } scale 60 }
  normal { crackle 2 scale 5 }
  finish { ambient 0 diffuse 0.8 }
}
#declare Rock = texture {
  pigment {
    gradient y turbulence 0.16 octaves 6
    pigment_map {
      [0.30 granite color_map { [0 rgb <0.10, 0.15, 0.12>] [1 rgb <0.22, 0.24, 0.16>] } scale 60]
      [0.46 granite color_map { [0 rgb <0.16, 0.16, 0.20>] [1 rgb <0.36, 0.33, 0.34>] } scale 80]
      [0.60 granite color_map { [0.25 rgb <0.22, 0.22, 0.28>] [0.5 rgb <0.80, 0.82, 0.90>] } scale
        70]
      [0.75 rgb <0.88, 0.89, 0.95>]
    }
    scale 230
  }
  normal { granite 1.2 scale 45 }
  finish { ambient 0 diffuse 0.85 }
}
Hills(230, 84, 900, <3.1, 0, 1.7>, 0, Woods)
Hills(560, 330, 1700, <7.6, 0, 4.2>, 1, Rock)

// -------------------------------------------------------------- texture ---
#macro Plaster(C)
  texture {
    pigment { granite turbulence 0.3 color_map { [0 C * 0.62] [0.35 C * 0.92] [0.7 C] [1 C * 1.12] }
      scale 4 translate <Rnd(0, 50), Rnd(0, 50), Rnd(0, 50)> }
    normal { granite 0.12 scale 0.5 }
    finish { ambient 0 diffuse 0.78 }
  }
  texture {   // damp and soot running down the wall
    pigment {
      gradient y turbulence 0.12
      color_map { [0.00 rgbt <0.10, 0.08, 0.07, 0.45>] [0.10 rgbt <0.15, 0.12, 0.10, 0.85>] [0.3
        rgbt 1] [0.9 rgbt 1] [1 rgbt <0.1, 0.09, 0.08, 0.7>] }
      scale 11 translate y * -0.2
    }
    finish { ambient 0 diffuse 0.7 }
  }
#end
#macro Stone(Size, Light, Dark)
  texture {
    pigment {
      brick
      pigment { granite color_map { [0 Dark * 0.5] [1 Dark * 0.9] } scale 0.5 },
      pigment { average pigment_map {
        [1.2 cells color_map { [0 Dark * 1.1] [0.5 Light * 0.8] [1 Light * 1.25] } scale Size
          translate <0.02, 0, 0.02>]
        [1 granite turbulence 0.4 color_map { [0 Dark * 0.6] [0.5 Light * 0.9] [1 Light * 1.3] }
          scale 1.6] } }
      brick_size Size mortar 0.05
    }
    normal { average normal_map { [1 brick 0.7 brick_size Size mortar 0.06] [1 granite 0.5 scale
      0.6] } }
    finish { ambient 0 diffuse 0.78 }
  }
#end
#declare Pale = rgb 0.1;
#macro Tiles(C)   // in the plane of a roof slab: x along the eaves, y up the slope
  texture {
    pigment {
      average pigment_map {
        [1.3 cells color_map { [0 C * 0.5] [0.6 C] [0.85 C * 1.35] [1 C * 0.8 + Pale] } scale
          <0.34, 0.36, 40>]
        [1 granite turbulence 0.3 color_map { [0 C * 0.45] [0.5 C] [0.8 C * 1.2] [1 rgb
          <0.36, 0.36, 0.22>] } scale 3]
        [0.5 gradient y color_map { [0 C * 0.1] [0.25 C] [1 C * 1.15] } scale 0.36]
      }
      translate <Rnd(0, 40), Rnd(0, 1), Rnd(0, 40)>
    }
    normal { average normal_map { [1 gradient x 1.2 sine_wave scale 0.34] [1 gradient y 1.0
      ramp_wave scale 0.36] [0.6 granite 0.5 scale 0.7] } }
    finish { ambient 0 diffuse 0.78 specular 0.12 roughness 0.06 }
  }
#end
#declare Wood = texture {
  pigment { granite turbulence 0.3 color_map { [0 rgb <0.09, 0.06, 0.04>] [0.5 rgb
    <0.22, 0.15, 0.10>] [1 rgb <0.38, 0.29, 0.21>] } scale <3, 0.3, 0.3> }
  normal { granite 0.4 scale <2, 0.2, 0.2> }
  finish { ambient 0 diffuse 0.75 specular 0.1 roughness 0.08 }
}
#macro Paint(C) texture { pigment { granite color_map { [0 C * 0.75] [0.5 C] [1 C * 1.1] } scale 0.8
  } finish { ambient 0 diffuse 0.75 specular 0.2 roughness 0.03 } } #end
#declare Glass_Dark = texture {
  pigment { granite color_map { [0 rgb <0.015, 0.02, 0.03>] [1 rgb <0.06, 0.07, 0.09>] } scale 1.5 }
  normal { bumps 0.04 scale 0.5 }
  finish { ambient 0 diffuse 0.5 specular 0.7 roughness 0.01 reflection 0.30 }
}
#macro Glass_Lit(K) texture {
  pigment { granite color_map { [0 rgb <0.75, 0.25, 0.04>] [0.5 rgb <1.0, 0.48, 0.10>] [1 rgb
    <1.0, 0.66, 0.22>] } scale 1.3 translate K * 7 }
  finish { ambient 0 diffuse 0.05 emission 0.75 specular 0.3 roughness 0.01 reflection 0.08 }
} #end

// --------------------------------------------------------------- window ---
// A window W wide and H high, its sill at the origin, the wall at z = 0.
#declare Frame_White = texture { pigment { rgb <0.74, 0.71, 0.64> } finish { ambient 0 diffuse 0.75
  } }
#macro Window(W, H, Lit, Shut, Tex)
  union {
    box { <-W / 2, 0, -0.03>, <W / 2, H, 0.05> #if (Lit) Glass_Lit(Lit) #else texture { Glass_Dark }
      #end }
    union {
      box { <-W / 2 - 0.14, -0.12, -0.20>, <W / 2 + 0.14, 0.02, 0.02> }
      box { <-W / 2 - 0.14, H, -0.15>, <W / 2 + 0.14, H + 0.16, 0.02> }
      box { <-W / 2 - 0.12, 0, -0.11>, <-W / 2 + 0.05, H, 0.02> }
      box { <W / 2 - 0.05, 0, -0.11>, <W / 2 + 0.12, H, 0.02> }
      box { <-0.045, 0, -0.08>, <0.045, H, 0> }
      box { <-W / 2, H * 0.36 - 0.035, -0.07>, <W / 2, H * 0.36 + 0.035, 0> }
      box { <-W / 2, H * 0.69 - 0.035, -0.07>, <W / 2, H * 0.69 + 0.035, 0> }
      texture { Frame_White }
    }
    #if (Shut)
      union {
        #for (K, 0, 8)
          #local Y = H * K / 9;
          box { <-W - 0.10, Y + 0.01, -0.10>, <-W / 2 - 0.14, Y + H / 9 - 0.03, 0> }
          box { <W / 2 + 0.14, Y + 0.01, -0.10>, <W + 0.10, Y + H / 9 - 0.03, 0> }
        #end
        texture { Tex }
      }
    #end
  }
#end
#declare Shutter_Col = array[6] { rgb <0.05, 0.17, 0.20>, rgb <0.07, 0.20, 0.09>, rgb
  <0.30, 0.06, 0.04>, rgb <0.10, 0.15, 0.32>, rgb <0.28, 0.20, 0.10>, rgb <0.36, 0.38, 0.36> }
#declare Wall_Col = array[10] {
  rgb <0.86, 0.74, 0.50>, rgb <0.80, 0.52, 0.30>, rgb <0.84, 0.80, 0.70>, rgb <0.72, 0.36, 0.24>,
    rgb <0.88, 0.66, 0.32>,
  rgb <0.56, 0.64, 0.66>, rgb <0.84, 0.62, 0.52>, rgb <0.66, 0.66, 0.50>, rgb <0.90, 0.84, 0.66>,
    rgb <0.62, 0.28, 0.22> }
#declare Roof_Col = array[5] { rgb <0.46, 0.17, 0.09>, rgb <0.38, 0.15, 0.09>, rgb
  <0.52, 0.23, 0.12>, rgb <0.24, 0.18, 0.17>, rgb <0.42, 0.20, 0.13> }

// ---------------------------------------------------------------- house ---
// Footprint W (x) by D (z), front at z = 0 facing -z, floors of 2.9 m.
#macro Roof_Slab(Len, Run, Rise, C)   // eaves along x at the origin, climbing to +z
  #local L = sqrt(Run * Run + Rise * Rise);
  box {
    <-Len / 2, -0.55, 0>, <Len / 2, L + 0.05, 0.22>
    Tiles(C)
    rotate x * degrees(atan2(Run, Rise))
  }
#end
#macro Chimney(H)
  union {
    box { <-0.42, -1.5, -0.38>, <0.42, H, 0.38> Stone(<0.26, 0.12, 0.3>, rgb <0.45, 0.24, 0.16>, rgb
      <0.22, 0.12, 0.09>) }
    box { <-0.50, H - 0.12, -0.46>, <0.50, H + 0.08, 0.46> Paint(rgb <0.4, 0.36, 0.32>) }
    cylinder { <-0.18, H, 0>, <-0.18, H + 0.5, 0>, 0.14 Paint(rgb <0.5, 0.24, 0.14>) }
    cylinder { <0.18, H, 0>, <0.18, H + 0.42, 0>, 0.14 Paint(rgb <0.5, 0.24, 0.14>) }
  }
#end
#macro House(W, D, Floors, Kind, Timber, Lit_Share)
  #local H = Floors * 2.9 + Rnd(0.2, 0.7);
  #local WC = Wall_Col[int(rand(R) * 9.99)] * Rnd(0.8, 1.02);
  #local RC = Roof_Col[int(rand(R) * 4.99)] * Rnd(0.85, 1.1);
  #local SC = Shutter_Col[int(rand(R) * 5.99)];
  #local Shut = ((rand(R) < 0.6) & (Timber = 0));
  union {
    box { <-W / 2, -6, 0>, <W / 2, H, D> Plaster(WC) }
    box { <-W / 2 - 0.08, -6, -0.08>, <W / 2 + 0.08, 0.7, D + 0.08> Stone(<0.7, 0.36, 0.7>, rgb
      <0.42, 0.38, 0.33>, rgb <0.22, 0.19, 0.17>) }
    // windows of the front, floor by floor, and of the two sides
    #local NW = max(2, int(W / (Shut ? 2.5 : 2.05)));
    #for (F, 0, Floors - 1)
      #for (K, 0, NW - 1)
        #local X = W * ((K + 0.5) / NW - 0.5) * 0.97;
        #if (F = 0 & K = int(NW / 2))
          union {
            box { <-0.62, -0.3, -0.06>, <0.62, 2.2, 0> Paint(SC * 0.9) }
            box { <-0.82, -0.3, -0.16>, <-0.62, 2.4, 0> texture { Frame_White } }
            box { <0.62, -0.3, -0.16>, <0.82, 2.4, 0> texture { Frame_White } }
            box { <-0.90, 2.2, -0.22>, <0.90, 2.5, 0> texture { Frame_White } }
            box { <-0.4, 1.2, -0.09>, <0.4, 2.0, 0> #if (rand(R) < 0.6) Glass_Lit(1) #else texture {
              Glass_Dark } #end }
            translate <X, 0.3, 0>
          }
        #else
          #local Lit = (rand(R) < Lit_Share ? 1 + int(rand(R) * 8) : 0);
          object { Window(0.95, 1.5, Lit, Shut, Paint(SC)) translate <X, F * 2.9 + 1.05, 0> }
        #end
      #end
      #for (K, 0, 1)
        #local Lit = (rand(R) < Lit_Share ? 1 + int(rand(R) * 8) : 0);
        object { Window(0.9, 1.45, Lit, 0, Paint(SC)) rotate y * 90 translate
          <-W / 2, F * 2.9 + 1.05, D * (0.27 + 0.46 * K)> }
      #end
    #end
    // half timbering
    #if (Timber)
      union {
        #for (F, 1, Floors)
          box { <-W / 2 - 0.03, F * 2.9 - 0.14, -0.10>, <W / 2 + 0.03, F * 2.9 + 0.10, 0> }
        #end
        #for (K, 0, NW)
          #local X = W * (K / NW - 0.5) * 0.98;
          box { <X - 0.09, 2.7, -0.07>, <X + 0.09, H, 0> }
          #if (K < NW)
            #for (F, 1, Floors - 1)
              box { <-0.07, 0, -0.06>, <0.07, 1.35, 0> rotate z * (mod(K, 2) ? 38 : -38) translate
                <X + (mod(K, 2) ? W / NW * 0.9 : 0.1), F * 2.9 + 0.05, 0> }
            #end
          #end
        #end
        texture { Wood rotate z * 90 }
      }
    #end
    #if (Kind = 0)   // ridge along x: eaves to the front
      #local Rise = D * Rnd(0.40, 0.52);
      object { Roof_Slab(W + 0.5, D / 2, Rise, RC) translate <0, H, 0> }
      object { Roof_Slab(W + 0.5, D / 2, Rise, RC) rotate y * 180 translate <0, H, D> }
      prism { -W / 2, W / 2, 4, <0, H>, <D, H>, <D / 2, H + Rise>, <0, H> matrix
        <0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0> Plaster(WC) }
      cylinder { <-W / 2 - 0.25, H + Rise + 0.12, D / 2>, <W / 2 + 0.25, H + Rise + 0.12, D / 2>,
        0.17 Paint(RC * 0.9) }
      // dormers
      #local ND = int(W / 3.2);
      #for (K, 0, ND - 1)
        #local X = W * ((K + 0.5) / ND - 0.5);
        union {
          box { <-0.75, 0, 0>, <0.75, 1.35, 3> Plaster(WC) }
          object { Window(0.8, 1.0, (rand(R) < Lit_Share ? 2 : 0), 0, Paint(SC)) translate y * 0.22
            }
          prism { 0, 3, 4, <-0.75, 1.35>, <0.75, 1.35>, <0, 2.0>, <-0.75, 1.35> rotate x * -90 scale
            <1, 1, -1> Plaster(WC) }
          box { <-1.15, 0, -0.2>, <0, 0.12, 3> rotate z * 41 translate <0, 2.05, 0> Paint(RC) }
          box { <0, 0, -0.2>, <1.15, 0.12, 3> rotate z * -41 translate <0, 2.05, 0> Paint(RC) }
          translate <X, H + Rise * 0.22, D / 2 * 0.20>
        }
      #end
      object { Chimney(1.7) translate <W * 0.36 * (rand(R) < 0.5 ? -1 : 1), H + Rise, D / 2> }
    #else            // gable to the front
      #local Rise = W * Rnd(0.50, 0.66);
      object { Roof_Slab(D + 0.7, W / 2, Rise, RC) rotate y * 90 translate <-W / 2, H, D / 2> }
      object { Roof_Slab(D + 0.7, W / 2, Rise, RC) rotate y * -90 translate <W / 2, H, D / 2> }
      prism { 0, D, 4, <-W / 2, H>, <W / 2, H>, <0, H + Rise>, <-W / 2, H> rotate x * -90 scale
        <1, 1, -1> Plaster(WC) }
      cylinder { <0, H + Rise + 0.12, -0.35>, <0, H + Rise + 0.12, D + 0.35>, 0.17 Paint(RC * 0.9) }
      #if (W > 5)
        object { Window(0.85, 1.3, (rand(R) < Lit_Share ? 3 : 0), Shut, Paint(SC)) translate
          <0, H + Rise * 0.18, 0> }
      #end
      union {   // barge boards
        box { <0, -0.22, -0.42>, <sqrt(W * W / 4 + Rise * Rise) + 0.5, 0.06, -0.30> rotate z *
          degrees(atan2(-Rise, W / 2)) }
        box { <-sqrt(W * W / 4 + Rise * Rise) - 0.5, -0.22, -0.42>, <0, 0.06, -0.30> rotate z *
          -degrees(atan2(-Rise, W / 2)) }
        translate y * (H + Rise + 0.1)
        texture { Wood }
      }
      #if (Timber)
        union {
          box { <-0.09, 0, -0.07>, <0.09, Rise * 0.16, 0> translate <-W * 0.2, H, 0> }
          box { <-0.09, 0, -0.07>, <0.09, Rise * 0.5, 0> translate <-W * 0.22, H, 0> }
          box { <-0.09, 0, -0.07>, <0.09, Rise * 0.5, 0> translate <W * 0.22, H, 0> }
          box { <-W / 2 * 0.45, 0, -0.08>, <W / 2 * 0.45, 0.18, 0> translate <0, H + Rise * 0.55, 0>
            }
          texture { Wood }
        }
      #end
      object { Chimney(Rise * 0.6 + 1.0) translate
        <W * 0.24 * (rand(R) < 0.5 ? -1 : 1), H + Rise * 0.45, D * Rnd(0.3, 0.7)> }
    #end
  }
#end

// ----------------------------------------------------------------- town ---
// Front row on the quay.
#declare X = -9;
#while (X < 62)
  #declare W = Rnd(5.2, 8.6);
  #declare Fl = 2 + int(rand(R) * 2.2);
  object { House(W, Rnd(8, 10), Fl, (rand(R) < 0.55), (rand(R) < 0.3), 0.34)
           translate <X + W / 2, 2, 4 + Rnd(0, 1.0)> }
  #declare X = X + W + (rand(R) < 0.18 ? 1.6 : 0.06);
#end
// Rows climbing the hill.
#for (Row, 1, 5)
  #declare Z = 8 + Row * 12.5;
  #declare X = -12 + Row * 5 + Rnd(0, 3);
  #while (X < 66 + Row * 8)
    #declare W = Rnd(5.5, 9);
    #if (rand(R) < 0.86 - 0.05 * Row & !(Row >= 3 & abs(X + W / 2 - 27) < 13))
      object { House(W, Rnd(7, 9), 2 + (rand(R) < 0.4), (rand(R) < 0.5), (rand(R) < 0.2), 0.30)
               rotate y * Rnd(-14, 14)
               translate <X + W / 2, Ground(X + W / 2, Z + 1) - 0.6, Z + Rnd(-2, 2)> }
    #end
    #declare X = X + W + Rnd(0.2, 3.0);
  #end
#end
// Houses of the left bank.
#declare X = -98;
#while (X < -60)
  #declare W = Rnd(5.5, 8);
  #if (rand(R) < 0.8)
    object { House(W, 8, 2, (rand(R) < 0.5), (rand(R) < 0.4), 0.3) rotate y * Rnd(-6, 6) translate
      <X + W / 2, 2, 8 + Rnd(0, 2)> }
  #end
  #declare X = X + W + Rnd(0.5, 4);
#end
#for (I, 0, 9)
  #declare X = -102 + I * 4.5; #declare Z = 24 + 14 * mod(I, 3) + Rnd(-2, 2);
  object { House(Rnd(5.5, 7.5), 7.5, 2, (rand(R) < 0.5), 0, 0.3) rotate y * Rnd(-25, 5) translate
    <X, Ground(X, Z) - 0.5, Z> }
#end

// Church with a tall spire, above the town.
#declare Church_Stone = Stone(<0.9, 0.45, 0.9>, rgb <0.66, 0.56, 0.43>, rgb <0.36, 0.30, 0.24>)
#macro Lancet(W, H)   // a pointed window facing -z
  union {
    intersection {
      cylinder { <-W / 2, H - W * 0.5, -0.1>, <-W / 2, H - W * 0.5, 0.1>, W }
      cylinder { <W / 2, H - W * 0.5, -0.1>, <W / 2, H - W * 0.5, 0.1>, W }
    }
    box { <-W / 2, 0, -0.1>, <W / 2, H - W * 0.5, 0.1> }
  }
#end
union {
  // tower
  box { <-3.6, -8, -3.6>, <3.6, 23, 3.6> texture { Church_Stone } }
  #for (I, -1, 1, 2) #for (J, -1, 1, 2)
    box { <-0.6, -8, -0.6>, <0.6, 19, 0.6> translate <3.6 * I, 0, 3.6 * J> texture { Church_Stone }
      }
    cone { <3.3 * I, 23, 3.3 * J>, 0.55, <3.3 * I, 27, 3.3 * J>, 0.02 texture { Church_Stone } }
  #end #end
  #for (Y, 1, 3) box { <-3.85, Y * 7.6 - 0.2, -3.85>, <3.85, Y * 7.6 + 0.2, 3.85> texture {
    Church_Stone } } #end
  #for (A, 0, 3)
    union {
      object { Lancet(1.1, 4.2) translate <-1.2, 16.6, -3.62> texture { pigment { rgb 0.02 } } }
      object { Lancet(1.1, 4.2) translate <1.2, 16.6, -3.62> texture { pigment { rgb 0.02 } } }
      object { Lancet(1.2, 4.5) translate <0, 2.5, -3.62> Glass_Lit(3) }
      cylinder { <0, 11.8, -3.85>, <0, 11.8, -3.5>, 1.65 Paint(rgb <0.75, 0.72, 0.62>) }
      torus { 1.65, 0.13 rotate x * 90 translate <0, 11.8, -3.85> Paint(rgb <0.5, 0.36, 0.1>) }
      box { <-0.07, 0, -0.05>, <0.07, 1.35, 0> rotate z * -55 translate <0, 11.8, -3.86> Paint(rgb
        0.03) }
      box { <-0.09, 0, -0.05>, <0.09, 0.9, 0> rotate z * 130 translate <0, 11.8, -3.86> Paint(rgb
        0.03) }
      rotate y * 90 * A
    }
  #end
  // spire, eight-sided
  #for (A, 0, 7)
    triangle {
      <-1.62, 23, -3.9>, <1.62, 23, -3.9>, <0, 42, 0>
      rotate y * 45 * A
      texture {
        pigment { average pigment_map {
          [1 cells color_map { [0 rgb <0.10, 0.15, 0.16>] [1 rgb <0.32, 0.42, 0.40>] } scale
            <0.5, 0.5, 0.5>]
          [1 granite color_map { [0 rgb <0.12, 0.20, 0.20>] [1 rgb <0.40, 0.50, 0.44>] } scale 3] }
            }
        normal { gradient y 0.6 ramp_wave scale 0.5 }
        finish { ambient 0 diffuse 0.8 specular 0.2 roughness 0.05 }
      }
    }
  #end
  sphere { <0, 42.2, 0>, 0.35 Paint(rgb <0.9, 0.65, 0.2>) }
  box { <-0.06, 42, -0.06>, <0.06, 44.2, 0.06> Paint(rgb <0.9, 0.65, 0.2>) }
  box { <-0.6, 43.3, -0.06>, <0.6, 43.45, 0.06> Paint(rgb <0.9, 0.65, 0.2>) }
  // nave to the right
  box { <3.6, -8, -4.2>, <22, 10.5, 4.2> texture { Church_Stone } }
  prism { 3.6, 22, 4, <-4.2, 10.5>, <4.2, 10.5>, <0, 17>, <-4.2, 10.5> matrix
    <0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0> texture { Church_Stone } }
  object { Roof_Slab(18.4, 4.2, 6.6, rgb <0.30, 0.20, 0.18>) translate <12.9, 10.5, -4.2> }
  #for (I, 0, 4)
    union {
      object { Lancet(1.3, 5.4) translate <0, 2.4, -4.22> Glass_Lit(I + 1) }
      box { <-0.05, 2.4, -4.36>, <0.05, 7.5, -4.2> texture { Church_Stone } }
      box { <1.35, -8, -5.3>, <2.05, 8.4, -4> texture { Church_Stone } }
      translate x * (6 + I * 3.4)
    }
  #end
  rotate y * 10
  translate <17, Ground(19, 48) - 1, 46>
}

// ----------------------------------------------------------------- quay ---
#declare Quay_Stone = Stone(<1.5, 0.5, 1.0>, rgb <0.50, 0.44, 0.36>, rgb <0.24, 0.21, 0.18>)
union {
  box { <-12, -5, -4>, <130, 2.0, 8> }
  box { <-12, 2.0, -4.15>, <130, 2.25, -3.4> }
  box { <-180, -5, -2>, <-56, 2.0, 10> }
  box { <-180, 2.0, -2.15>, <-56, 2.25, -1.4> }
  // harbour steps
  #for (I, 0, 7) box { <22 + I * 0.6, -2, -5.4>, <32, 1.9 - I * 0.28, -4> } #end
  texture { Quay_Stone }
}
box { <-12, 1.0, -4.06>, <130, -3, -3.9> texture { pigment { granite color_map { [0 rgbt
  <0.02, 0.04, 0.02, 0.1>] [0.6 rgbt <0.06, 0.09, 0.04, 0.4>] [1 rgbt 1] } scale 2 } finish {
  ambient 0 diffuse 0.7 } } }
#for (I, 0, 15)
  union {
    cylinder { <0, 0, 0>, <0, 0.6, 0>, 0.2 } sphere { <0, 0.62, 0>, 0.28 }
    translate <-9 + I * 5, 2.2, -3.6>
    Paint(rgb 0.05)
  }
#end
// Lamps.
#macro Lamp(P, Bright)
  union {
    cylinder { 0, y * 4.2, 0.07 }
    cone { 0, 0.22, y * 0.7, 0.08 }
    cylinder { <-0.4, 3.8, 0>, <0.4, 3.8, 0>, 0.04 }
    cone { <0, 4.95, 0>, 0.34, <0, 5.3, 0>, 0.04 }
    Paint(rgb 0.03)
    translate P
  }
  sphere { P + y * 4.6, 0.30 texture { pigment { rgb <1, 0.8, 0.45> } finish { ambient 0 diffuse 0
    emission 1.3 } } no_shadow }
  #if (Bright)
    light_source { P + <0, 4.6, -0.5> rgb <1.0, 0.62, 0.25> * 1.5 fade_distance 4 fade_power 2 }
  #end
#end
#for (I, 0, 5) Lamp(<-6 + I * 11.5, 2, -2.6>, 1) #end
Lamp(<-62, 2, -1>, 0) Lamp(<-74, 2, -1>, 0)

// People strolling along the quay.
#declare Coat = array[6] { rgb <0.30, 0.05, 0.04>, rgb <0.04, 0.07, 0.16>, rgb <0.26, 0.22, 0.16>,
  rgb <0.05, 0.05, 0.05>, rgb <0.5, 0.42, 0.3>, rgb <0.06, 0.16, 0.14> }
#for (I, 0, 21)
  union {
    #local C = Coat[int(rand(R) * 5.99)];
    cone { <-0.11, 0, -0.05>, 0.09, <-0.08, 0.85, 0>, 0.13 Paint(rgb 0.04) }
    cone { <0.13, 0, 0.1>, 0.09, <0.08, 0.85, 0>, 0.13 Paint(rgb 0.04) }
    cone { <0, 0.7, 0>, 0.26, <0, 1.45, 0>, 0.20 Paint(C) }
    cone { <-0.22, 1.42, 0>, 0.07, <-0.30, 0.8, 0.1>, 0.06 Paint(C) }
    cone { <0.22, 1.42, 0>, 0.07, <0.30, 0.8, -0.1>, 0.06 Paint(C) }
    sphere { <0, 1.64, 0>, 0.13 Paint(rgb <0.5, 0.34, 0.25>) }
    sphere { <0, 1.69, 0.03>, 0.13 Paint(rgb <0.08, 0.05, 0.03>) }
    rotate y * Rnd(-90, 90)
    translate <Rnd(-10, 55), 2, Rnd(-2.8, 2)>
  }
#end

// --------------------------------------------------------------- bridge ---
#declare Bridge_Stone = Stone(<1.1, 0.5, 1.1>, rgb <0.60, 0.50, 0.38>, rgb <0.30, 0.25, 0.20>)
#declare Arches = 4; #declare Span = 10.6; #declare BX0 = -55;
union {
  difference {
    box { <BX0 - 4, -4, -2.6>, <-9, 7.2, 3.2> }
    #for (I, 0, Arches - 1)
      cylinder { <BX0 + (I + 0.5) * Span + 0.5, 0.3, -4>, <BX0 + (I + 0.5) * Span + 0.5, 0.3, 5>,
        Span / 2 - 1.0 scale <1, 1.08, 1> }
    #end
    texture { Bridge_Stone }
  }
  #for (I, 0, Arches - 1)   // arch rings
    difference {
      cylinder { <0, 0.3, -2.85>, <0, 0.3, -2.5>, Span / 2 - 0.35 }
      cylinder { <0, 0.3, -3>, <0, 0.3, -2>, Span / 2 - 1.0 }
      plane { y, 0 }
      scale <1, 1.08, 1>
      texture { pigment { radial color_map { [0 rgb <0.62, 0.52, 0.40>] [0.86 rgb
        <0.62, 0.52, 0.40>] [0.9 rgb <0.2, 0.17, 0.14>] [1 rgb <0.2, 0.17, 0.14>] } frequency 44
        rotate x * 90 translate y * 0.3 } finish { ambient 0 diffuse 0.8 } }
      translate x * (BX0 + (I + 0.5) * Span + 0.5)
    }
  #end
  #for (I, 0, Arches)       // cutwaters
    prism { -3, 3.6, 4, <-1.1, 0>, <1.1, 0>, <0, -2.2>, <-1.1, 0> translate
      <BX0 + I * Span + 0.5, 0, -2.6> texture { Bridge_Stone } }
    cone { <BX0 + I * Span + 0.5, 3.6, -2.8>, 1.15, <BX0 + I * Span + 0.5, 4.9, -2.6>, 0.05 texture
      { Bridge_Stone } }
  #end
  box { <BX0 - 8, 6.6, -2.95>, <-7, 6.95, -2.4> texture { Bridge_Stone } }
  box { <BX0 - 8, 7.2, -2.75>, <-7, 8.2, -2.3> texture { Bridge_Stone } }
  box { <BX0 - 8, 8.2, -2.9>, <-7, 8.4, -2.15> texture { Bridge_Stone } }
  box { <BX0 - 8, 7.2, 2.6>, <-7, 8.3, 3.0> texture { Bridge_Stone } }
}
#for (I, 0, 4) Lamp(<BX0 + I * Span + 0.5, 7.4, -1.8>, 0) #end
// Gate tower at the town end of the bridge.
union {
  difference {
    box { <-4, -3, -3.4>, <4, 17, 4> }
    union { cylinder { <-6, 10.6, 0>, <6, 10.6, 0>, 2.1 } box { <-6, 7, -2.1>, <6, 10.6, 2.1> } }
    texture { Bridge_Stone }
  }
  #for (I, 0, 5) box { <-4.4 + I * 1.6, 17, -3.9>, <-3.6 + I * 1.6 , 18.2, -3.3> texture {
    Bridge_Stone } } #end
  box { <-4.4, 16.2, -3.9>, <4.4, 17.1, 4.4> texture { Bridge_Stone } }
  object { Window(0.9, 1.9, 4, 0, Paint(rgb 0)) translate <-1.6, 11.6, -3.4> }
  object { Window(0.9, 1.9, 0, 0, Paint(rgb 0)) translate <1.6, 11.6, -3.4> }
  object { Window(0.9, 1.6, 2, 0, Paint(rgb 0)) translate <0, 4.5, -3.4> }
  #for (A, 0, 3)
    object { Roof_Slab(7.4, 3.6, 7.5, rgb <0.42, 0.16, 0.09>) translate z * -3.6 clipped_by { plane
      { <1, 0, 1>, 0.02 } plane { <-1, 0, 1>, 0.02 } } translate y * 17.4 rotate y * 90 * A }
  #end
  cylinder { <0, 24.6, 0>, <0, 27, 0>, 0.08 Paint(rgb 0.05) }
  box { <0, 26.2, -0.02>, <1.2, 26.9, 0.02> Paint(rgb <0.6, 0.1, 0.05>) }
  translate <-11, 0, 0>
}

// Ruined keep on the left hill.
#declare KY = Ground(-80, 66) - 2;
union {
  difference {
    union { cylinder { <-80, KY - 20, 66>, <-80, KY + 20, 66>, 6 } cylinder { <-80, KY + 18.6, 66>,
      <-80, KY + 20, 66>, 6.7 } }
    cylinder { <-80, KY + 17, 66>, <-80, KY + 30, 66>, 5 }
    #for (A, 0, 11) box { <-0.8, KY + 19, -9>, <0.8, KY + 25, 0> rotate y * 30 * A translate
      <-80, 0, 66> } #end
    #for (A, -1, 1) box { <-0.35, KY + 9 + A * 2, -8>, <0.35, KY + 11.5 + A * 2, 0> rotate y * 26 *
      A translate <-80, 0, 66> } #end
  }
  difference {
    box { <-74, KY - 40, 64>, <-52, KY + 8, 66> }
    #for (I, 0, 8) box { <-73 + I * 2.6, KY + 7, 60>, <-71.7 + I * 2.6, KY + 12, 70> } #end
  }
  cylinder { <-52, KY - 40, 65>, <-52, KY + 11, 65>, 3.2 }
  cone { <-52, KY + 11, 65>, 3.9, <-52, KY + 17, 65>, 0.1 Paint(rgb <0.26, 0.12, 0.09>) }
  texture { Church_Stone }
}

// ---------------------------------------------------------------- trees ---
#declare T_Round = array[3];
#declare T_Round[0] = Leaf_Cloud(11, <0, 6.4, 0>, <3.4, 2.9, 3.4>, 26, 1.25, 9000, 0.17)
#declare T_Round[1] = Leaf_Cloud(12, <0, 5.8, 0>, <3.0, 3.2, 3.0>, 22, 1.15, 8000, 0.17)
#declare T_Round[2] = Leaf_Cloud(13, <0, 6.8, 0>, <3.8, 2.6, 3.6>, 30, 1.2, 9000, 0.18)
#declare T_Tall = Leaf_Cloud(14, <0, 7.0, 0>, <1.0, 6.4, 1.0>, 26, 0.75, 8000, 0.14)
#declare T_Trunk = object { Trunk(5, 0.35, 15) }
#declare Leaf_Col = array[6] { rgb <0.10, 0.17, 0.04>, rgb <0.16, 0.20, 0.05>, rgb
  <0.32, 0.19, 0.04>, rgb <0.08, 0.14, 0.05>, rgb <0.36, 0.24, 0.05>, rgb <0.20, 0.23, 0.06> }
#macro Tree(P, S)
  union {
    object { T_Trunk }
    #if (rand(R) < 0.24) object { T_Tall Leaf_Texture(Leaf_Col[3]) }
    #else object { T_Round[int(rand(R) * 2.99)] Leaf_Texture(Leaf_Col[int(rand(R) * 5.99)]) } #end
    rotate y * Rnd(0, 360) scale S * <1, Rnd(0.85, 1.2), 1> translate P
  }
#end
#for (I, 1, 900)
  #declare X = Rnd(-140, 130); #declare Z = Rnd(14, 180);
  #declare Keep = (X > 10 & X < 80 & Z < 74 ? 0.16 : 1);
  #if (rand(R) < Keep & River(X, Z) < 0.02 & !(abs(X - 26) < 15 & abs(Z - 46) < 10) & !(abs(X + 78)
    < 9 & abs(Z - 62) < 8))
    Tree(<X, Ground(X, Z) - 0.4, Z>, Rnd(0.65, 1.25))
  #end
#end
#for (I, 0, 5) Tree(<-100 + I * 8 + Rnd(-1, 1), 2, 3.5>, Rnd(0.7, 0.95)) #end
Tree(<8, 2, 0.8>, 0.72) Tree(<39, 2, 0.6>, 0.78) Tree(<52, 2, 0.6>, 0.7)

// ---------------------------------------------------------------- boats ---
// A hull of length L along x: the bow to +x.
#macro Hull(L, B, D, C, Band)
  #local NT = 28; #local NV = 8;
  #local Half = function(Q) { B * pow(max(sin(pi * (0.12 + 0.88 * (1 - Q))), 0), 0.62) * (1 - 0.15 *
    Q) }
  #local Sheer = function(Q) { D * (1 + 0.55 * pow(abs(Q - 0.4) / 0.6, 2)) }
  #macro HP(Tt, Vv, Ss)
    #local Y = -0.45 * D + (Sheer(Tt) + 0.45 * D) * Vv;
    <L * (Tt - 0.5) + L * 0.07 * Tt * Tt * Vv, Y, Ss * Half(Tt) * pow(Vv, 0.42)>
  #end
  union {
    #for (Sd, -1, 1, 2)
      mesh {
        #for (I, 0, NT - 1) #for (J, 0, NV - 1)
          #local A = HP(I / NT, J / NV, Sd); #local Bq = HP((I + 1) / NT, J / NV, Sd);
          #local Cq = HP((I + 1) / NT, (J + 1) / NV, Sd); #local Dq = HP(I / NT, (J + 1) / NV, Sd);
          triangle { A, Bq, Cq } triangle { A, Cq, Dq }
        #end #end
      }
      #for (I, 0, NT - 1)
        cylinder { HP(I / NT, 1, Sd), HP((I + 1) / NT, 1, Sd), 0.07 Paint(Band) }
        cylinder { HP(I / NT, 0.8, Sd) + z * Sd * 0.01, HP((I + 1) / NT, 0.8, Sd) + z * Sd * 0.01,
          0.045 Paint(Band) }
      #end
    #end
    mesh {   // deck
      #for (I, 0, NT - 1)
        triangle { HP(I / NT, 0.8, -1), HP((I + 1) / NT, 0.8, -1), HP((I + 1) / NT, 0.8, 1) }
        triangle { HP(I / NT, 0.8, -1), HP((I + 1) / NT, 0.8, 1), HP(I / NT, 0.8, 1) }
      #end
      texture { Wood scale 0.4 }
    }
    mesh {   // transom
      #for (J, 0, NV - 1)
        triangle { HP(0, J / NV, -1), HP(0, J / NV, 1), HP(0, (J + 1) / NV, 1) }
        triangle { HP(0, J / NV, -1), HP(0, (J + 1) / NV, 1), HP(0, (J + 1) / NV, -1) }
      #end
    }
    texture {
      pigment { gradient y pigment_map {
        [0.36 rgb <0.20, 0.05, 0.03>] [0.37 granite color_map { [0 C * 0.6] [0.5 C] [1 C * 1.2] }
          scale <1.5, 0.4, 0.4>] } translate y * -0.3 scale D }
      normal { gradient y 0.35 scallop_wave scale 0.22 }
      finish { ambient 0 diffuse 0.75 specular 0.25 roughness 0.03 }
    }
  }
#end
#macro Rope(A, B, Sag)
  #local N = 8;
  #for (I, 0, N - 1)
    #local T0 = I / N; #local T1 = (I + 1) / N;
    cylinder { A + (B - A) * T0 - y * Sag * 4 * T0 * (1 - T0), A + (B - A) * T1 - y * Sag * 4 * T1 *
      (1 - T1), 0.025 }
  #end
#end
#macro Sail_Boat(L, C, Band, Sail_C, Up)
  #local B = L * 0.15; #local D = L * 0.11; #local MH = L * 1.15;
  union {
    object { Hull(L, B, D, C, Band) }
    cone { <L * 0.08, 0.2, 0>, 0.13, <L * 0.08, MH, 0>, 0.06 texture { Wood rotate z * 90 } }
    cylinder { <L * 0.08, D + 1.2, 0>, <-L * 0.42, D + 1.35, 0>, 0.08 texture { Wood } }
    cylinder { <L * 0.5, D * 1.5, 0>, <L * 0.72, D * 1.9, 0>, 0.07 texture { Wood } }
    union {
      Rope(<L * 0.08, MH * 0.97, 0>, <L * 0.70, D * 1.9, 0>, 0.15)
      Rope(<L * 0.08, MH * 0.97, 0>, <-L * 0.48, D * 1.3, 0>, 0.1)
      #for (K, -1, 1) Rope(<L * 0.08, MH * 0.8, 0>, <L * (0.08 + 0.05 * K), D, B * 0.95>, 0)
        Rope(<L * 0.08, MH * 0.8, 0>, <L * (0.08 + 0.05 * K), D, -B * 0.95>, 0) #end
      Rope(<-L * 0.42, D + 1.35, 0>, <L * 0.08, MH * 0.9, 0>, 0.1)
      Paint(rgb <0.12, 0.10, 0.08>)
    }
    // cabin
    box { <-L * 0.30, D * 0.6, -B * 0.5>, <L * 0.02, D + 0.75, B * 0.5> Paint(rgb
      <0.72, 0.66, 0.54>) }
    box { <-L * 0.32, D + 0.75, -B * 0.56>, <L * 0.04, D + 0.85, B * 0.56> texture { Wood } }
    #for (K, 0, 2) box { <-L * 0.26 + K * L * 0.09, D + 0.25, -B * 0.52>,
      <-L * 0.21 + K * L * 0.09, D + 0.6, B * 0.52> texture { Glass_Dark } } #end
    #if (Up)
      // gaff sail and jib as curved sheets
      #macro SP(Uu, Vv)
        #local Lf = <L * 0.06, D + 1.35 + Vv * (MH * 0.66), 0>;
        #local Lc = <-L * 0.42 + Vv * L * 0.14, D + 1.5 + Vv * (MH * 0.80), 0>;
        (Lf + (Lc - Lf) * Uu - z * (0.75 * sin(pi * Uu) * sin(pi * (0.15 + 0.7 * Vv))))
      #end
      #macro JP(Uu, Vv)
        #local Lf = <L * 0.66, D * 1.9, 0> + (<L * 0.10, MH * 0.88, 0> - <L * 0.66, D * 1.9, 0>) *
          Vv;
        #local Lc = <L * 0.14, D + 1.0, 0> + (<L * 0.10, MH * 0.88, 0> - <L * 0.14, D + 1.0, 0>) *
          Vv;
        (Lf + (Lc - Lf) * Uu - z * (0.55 * sin(pi * Uu) * (1 - Vv) * 1.2))
      #end
      #for (Q, 0, 1)
        mesh {
          #for (I, 0, 9) #for (J, 0, 9)
            #if (Q = 0)
              triangle { SP(I / 10, J / 10), SP((I + 1) / 10, J / 10), SP((I + 1) / 10, (J + 1) /
                10) }
              triangle { SP(I / 10, J / 10), SP((I + 1) / 10, (J + 1) / 10), SP(I / 10, (J + 1) /
                10) }
            #else
              triangle { JP(I / 10, J / 10), JP((I + 1) / 10, J / 10), JP((I + 1) / 10, (J + 1) /
                10) }
              triangle { JP(I / 10, J / 10), JP((I + 1) / 10, (J + 1) / 10), JP(I / 10, (J + 1) /
                10) }
            #end
          #end #end
          texture {
            pigment { gradient x pigment_map {
              [0.04 color Sail_C * 0.45] [0.07 granite turbulence 0.3 color_map { [0 Sail_C * 0.5]
                [0.5 Sail_C * 0.95] [1 Sail_C * 1.15] } scale <2, 4, 2>] } scale 1.1 }
            normal { bumps 0.25 scale <0.6, 3, 1> }
            finish { ambient 0 diffuse 0.6 emission 0.10 }
          }
        }
      #end
      cylinder { SP(0, 1), SP(1, 1), 0.07 texture { Wood } }
    #else
      // furled sail along the boom
      #for (K, 0, 9) sphere { 0, 1 scale <L * 0.035, 0.20 + 0.05 * mod(K, 2), 0.17> translate
        <L * 0.03 - K * L * 0.047, D + 1.52 + K * 0.012, 0>
        texture { pigment { granite color_map { [0 Sail_C * 0.7] [1 Sail_C] } scale 0.5 } normal {
          wrinkles 0.8 scale <0.4, 0.15, 0.15> } finish { ambient 0 diffuse 0.8 } } } #end
    #end
  }
#end
object { Sail_Boat(12.5, rgb <0.05, 0.12, 0.24>, rgb <0.75, 0.70, 0.58>, rgb <0.72, 0.30, 0.15>, 1)
  rotate y * 18 translate <-23, 0, -31> }
object { Sail_Boat(10.5, rgb <0.46, 0.09, 0.05>, rgb <0.8, 0.74, 0.6>, rgb <0.80, 0.74, 0.62>, 0)
  rotate y * -8 translate <14, 0, -11> }
object { Sail_Boat(9.5, rgb <0.10, 0.22, 0.16>, rgb <0.7, 0.5, 0.2>, rgb <0.78, 0.70, 0.55>, 0)
  rotate y * 186 translate <34, 0, -10> }
object { Sail_Boat(11.5, rgb <0.66, 0.62, 0.54>, rgb <0.10, 0.16, 0.30>, rgb <0.95, 0.88, 0.72>, 1)
  rotate y * -20 translate <-2, 0, -16> }
object { Sail_Boat(8.5, rgb <0.55, 0.34, 0.10>, rgb <0.1, 0.1, 0.1>, rgb <0.30, 0.34, 0.40>, 0)
  rotate y * 4 translate <47, 0, -9> }
object { Sail_Boat(9, rgb <0.12, 0.14, 0.16>, rgb <0.6, 0.2, 0.1>, rgb <0.8, 0.7, 0.5>, 0) rotate y
  * 12 translate <-66, 0, -9> }
#macro Row_Boat(C, Band)
  union {
    object { Hull(4.2, 0.85, 0.42, C, Band) }
    #for (K, -1, 1) box { <-0.16, 0.42, -0.72>, <0.16, 0.48, 0.72> translate x * K * 1.0 texture {
      Wood scale 0.3 } } #end
    cylinder { <-1.2, 0.55, -1.6>, <0.9, 0.62, 0.5>, 0.035 texture { Wood scale 0.3 } }
  }
#end
object { Row_Boat(rgb <0.20, 0.32, 0.38>, rgb <0.75, 0.7, 0.6>) rotate y * 28 translate <-7, 0, -36>
  }
object { Row_Boat(rgb <0.50, 0.14, 0.07>, rgb <0.75, 0.7, 0.6>) rotate y * -14 translate
  <25, 0, -19> }
object { Row_Boat(rgb <0.10, 0.20, 0.14>, rgb <0.7, 0.6, 0.4>) rotate y * 40 translate <-36, 0, -14>
  }

// Jetty in the foreground, to the right.
union {
  #for (I, 0, 46)
    box { <0, 0, 0.02>, <0.42, 0.09, 3.4 + Rnd(-0.12, 0.12)> rotate z * Rnd(-0.8, 0.8) translate
      <I * 0.46, Rnd(-0.02, 0.02), 0>
          texture { Wood scale 0.5 rotate y * 90 translate <Rnd(0, 20), Rnd(0, 20), Rnd(0, 20)> } }
  #end
  #for (I, 0, 7) #for (J, 0, 1)
    union {
      cylinder { <0, -4, 0>, <0, 0.9 + 0.5 * rand(R), 0>, 0.17 texture { Wood rotate z * 90
        translate I } }
      torus { 0.19, 0.04 translate y * 0.35 Paint(rgb <0.5, 0.42, 0.28>) }
      translate <0.6 + I * 2.9, 0, J * 3.3 + 0.06>
    }
  #end #end
  box { <0, -0.25, 0.2>, <21, -0.05, 0.4> texture { Wood } }
  box { <0, -0.25, 3.0>, <21, -0.05, 3.2> texture { Wood } }
  // barrels and crates
  #for (I, 0, 2)
    union {
      sphere { 0, 1 scale <0.42, 1.0, 0.42> clipped_by { plane { y, 0.5 } plane { -y, 0.5 } } }
      cylinder { <0, 0.44, 0>, <0, 0.46, 0>, 0.36 }
      torus { 0.405, 0.022 translate y * 0.28 Paint(rgb 0.06) } torus { 0.405, 0.022 translate y *
        -0.28 Paint(rgb 0.06) }
      texture { pigment { radial color_map { [0 rgb <0.05, 0.03, 0.02>] [0.1 rgb <0.34, 0.20, 0.10>]
        [1 rgb <0.24, 0.13, 0.07>] } frequency 14 } finish { ambient 0 diffuse 0.8 } }
      translate <6.4 + I * 0.95 - 0.4 * (I = 2), 0.6, 2.4 - 0.8 * (I = 2)>
    }
  #end
  #for (I, 0, 1)
    union {
      #for (K, 0, 3) box { <-0.6, K * 0.26, -0.45>, <0.6, K * 0.26 + 0.22, 0.45> texture { Wood
        scale 0.3 translate K * 3 } } #end
      rotate y * (12 - 30 * I) translate <9.6 + I * 1.5, 0.1, 2.2>
    }
  #end
  rotate y * -10
  translate <5, 1.25, -45>
}
// Mooring piles in the water at the left.
#for (I, 0, 4)
  cylinder { <0, -3, 0>, <0, 2.2 + rand(R), 0>, 0.24 texture { Wood rotate z * 90 translate I }
    rotate z * Rnd(-4, 4) translate <-33 + I * 1.9, 0, -44 + Rnd(-3, 3)> }
#end
